/** `URL.createObjectURL` and its kin: https://w3c.github.io/FileAPI/#url. The URLs mean something within this isolate only. */
import { part } from '../../core/facade.ts';
import { assertArguments } from '../shared/interface.ts';
import { type Blob, isBlob } from './blob.ts';

const blobs = new Map<string, Blob>();

export function createObjectURL(blob: Blob): string {
  assertArguments(arguments.length, 1, "Failed to execute 'createObjectURL' on 'URL'");
  if (!isBlob(blob)) throw new TypeError("Failed to execute 'createObjectURL' on 'URL': parameter 1 is not a Blob");
  const url = `blob:null/${part('crypto').crypto.randomUUID()}`;
  blobs.set(url, blob);
  return url;
}

export function revokeObjectURL(url: string): void {
  assertArguments(arguments.length, 1, "Failed to execute 'revokeObjectURL' on 'URL'");
  blobs.delete(withoutFragment(`${url}`));
}

export function resolveObjectURL(url: string): Blob | undefined {
  return blobs.get(withoutFragment(url));
}

function withoutFragment(url: string): string {
  const mark = url.indexOf('#');
  return mark === -1 ? url : url.slice(0, mark);
}
