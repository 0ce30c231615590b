/**
 * A memory ceiling that the kernel keeps, where it lets us have one: each cell in a control group of its own. The supervisor looks at the
 * size of a cell every few milliseconds; between two looks a single call of the engine can take a gigabyte.
 *
 * Version 2 wants a parent group without processes of its own, so there it works where somebody has handed one down to us; version 1 takes
 * a group below our own. Where neither can be had, cells do without.
 */
import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CellGroup {
  /** @param bytes What all processes in the group may take together. */
  limit(bytes: number): void;
  /** Whether the kernel has killed for memory in it. */
  hasKilled(): boolean;
  /** Removes it; nothing may run in it any more. */
  remove(): void;
}

export interface GroupMaker {
  /** `undefined` where the kernel refuses. It may take its time: all of the machine's processes have a say when one changes its group. */
  create(name: string, pid: number): Promise<CellGroup | undefined>;
}

interface Version {
  readonly limitFile: string;
  readonly eventsFile: string;
}

const versions = {
  1: { limitFile: 'memory.limit_in_bytes', eventsFile: 'memory.oom_control' },
  2: { limitFile: 'memory.max', eventsFile: 'memory.events' },
} as const satisfies Record<number, Version>;

/**
 * @param root Where control groups are mounted.
 * @param membership What groups this process is in, as /proc/self/cgroup has it.
 */
export function findGroups(root = '/sys/fs/cgroup', membership = read('/proc/self/cgroup')): GroupMaker | undefined {
  const own = ownGroup(root, membership);
  if (own === undefined) return undefined;
  const { version, folder } = own;
  return {
    async create(name, pid) {
      const group = join(folder, name);
      try {
        await mkdir(group);
        await writeFile(join(group, 'cgroup.procs'), String(pid));
        return groupAt(group, version);
      } catch {
        // Read-only, as in most containers, or not ours to divide.
        removeFolder(group);
        return undefined;
      }
    },
  };
}

function groupAt(folder: string, { limitFile, eventsFile }: Version): CellGroup {
  return {
    limit(bytes) {
      try {
        writeFileSync(join(folder, limitFile), String(Math.ceil(bytes)));
      } catch {
        // More is in use already than that; the supervisor sees it too.
      }
    },
    hasKilled: () => Number(/^oom_kill (\d+)/m.exec(read(join(folder, eventsFile)))?.[1] ?? 0) > 0,
    remove: () => removeFolder(folder),
  };
}

function ownGroup(root: string, membership: string): { version: Version; folder: string } | undefined {
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(membership)?.[1];
  if (first !== undefined) return { version: versions[1], folder: join(root, 'memory', first) };
  const second = /^0::(.*)$/m.exec(membership)?.[1];
  if (second === undefined) return undefined;
  const folder = join(root, second);
  // Memory is accounted for in groups below only if this one says so.
  if (!/\bmemory\b/.test(read(join(folder, 'cgroup.controllers')))) return undefined;
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
  } catch {
    // It has processes of its own (ours), or is not ours to divide.
    return undefined;
  }
  return { version: versions[2], folder };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was never made, or its last process is still on its way out; an empty group costs next to nothing.
  }
}
