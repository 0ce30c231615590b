import { readFileSync } from 'node:fs';

/** What Linux tells about the machine and its processes; empty elsewhere, and for a process that has just ended. */
export function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}
