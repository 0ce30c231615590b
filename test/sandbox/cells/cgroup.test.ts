import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findGroups } from '../../../sandbox/cells/cgroup.ts';
import { temporaryFolder } from '../../support/files.ts';

test('of version 2 are made below a group that hands memory down', async () => {
  await using root = await temporaryFolder({ 'a/b/cgroup.controllers': 'cpu memory pids\n' });
  const group = (await findGroups(root.path, '0::/a/b\n')!.create('cell-1', 123))!;
  expect(readFileSync(root.file('a/b/cgroup.subtree_control'), 'utf8')).toBe('+memory');
  expect(readFileSync(root.file('a/b/cell-1/cgroup.procs'), 'utf8')).toBe('123');
  group.limit(1e8 + 0.5);
  expect(readFileSync(root.file('a/b/cell-1/memory.max'), 'utf8')).toBe('100000001');
  expect(group.hasKilled()).toBe(false);
});

test('of version 1 are made below our own', async () => {
  await using root = await temporaryFolder({ 'memory/x/cgroup.procs': '', 'memory/x/cell-1/keep': '' });
  const membership = '5:devices:/\n4:memory:/x\n0::/\n';
  expect(await findGroups(root.path, membership)!.create('cell-1', 1)).toBeUndefined();
  const group = (await findGroups(root.path, membership)!.create('cell-2', 5))!;
  group.limit(5e7);
  expect(readFileSync(root.file('memory/x/cell-2/memory.limit_in_bytes'), 'utf8')).toBe('50000000');
});

test('tell whether the kernel has killed for memory in them', async () => {
  await using root = await temporaryFolder({ 'memory/cgroup.procs': '' });
  const group = (await findGroups(root.path, '4:memory:/\n')!.create('cell', 1))!;
  expect(group.hasKilled()).toBe(false);
  writeFileSync(root.file('memory/cell/memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
  expect(group.hasKilled()).toBe(true);
});

test('are not looked for where memory is not handed down, or there are none', async () => {
  await using root = await temporaryFolder({ 'a/cgroup.controllers': 'cpu pids\n' });
  expect(findGroups(root.path, '0::/a\n')).toBeUndefined();
  expect(findGroups(root.path, '')).toBeUndefined();
  expect(await findGroups(join(root.path, 'nope'), '4:memory:/x\n')!.create('cell', 1)).toBeUndefined();
  expect(existsSync(join(root.path, 'nope'))).toBe(false);
});
