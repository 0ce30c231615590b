/**
 * Runs workerd's own tests of its APIs inside guests, and tells how many pass, by file. Nothing of them stands here: name a folder that has them,
 * for example `src/workerd/api` of a checkout.
 *
 *     npm run peer-tests -- FOLDER
 *     npm run peer-tests -- FOLDER --only node/tests/crypto --failures
 *     npm run peer-tests -- FOLDER --node
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createHost, type Host } from '../../src/index.ts';
import { contraryTests } from './peer/contrary.ts';
import { findPeerTests, leftOut, type PeerTest, writeFunction } from './peer/suite.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    failures: { type: 'boolean', default: false },
    /** Whether to run them in Node too: what fails there as well tells of workerd's own ways. */
    node: { type: 'boolean', default: false },
  },
});
const folder = positionals[0];
if (folder === undefined || !existsSync(folder)) {
  print('name a folder with tests of workerd, for example src/workerd/api of a checkout of it');
  process.exit(2);
}
const nodeProcess = fileURLToPath(new URL('peer/node-process.ts', import.meta.url));
const limits = { cpuTimeMs: 10_000, wallTimeMs: 15_000, startUpCpuMs: 10_000, memoryMiB: 512 };
const tests = findPeerTests(folder).filter(({ name }) => name.startsWith(values.only));
const work = mkdtempSync(join(tmpdir(), 'isohost-peer-tests-'));
const total = { files: 0, passed: 0, tests: 0, contrary: 0, passedContrary: 0, ofNode: 0, passedOfNode: 0 };
let lastError = '';
try {
  await using host = await createHost({
    ...limits,
    isolation: { trust: 'trusted' },
    onInvocation: ({ outcome }) => void (lastError = JSON.stringify(outcome).slice(0, 600)),
  });
  for (const [index, test] of tests.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- what one uses of the host's threads would keep another waiting
    if (test.reason === undefined) await run(host, test, `t${index}`);
    else print(`${test.name.padEnd(64)} left out: ${test.reason}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
print(`\n${total.passed}/${total.tests} in ${total.files} files`);
const rest = `${total.passed - total.passedContrary}/${total.tests - total.contrary}`;
print(`${rest} without the ${total.contrary} that assert the contrary of Node or of a standard`);
if (values.node) print(`${total.passedOfNode}/${total.ofNode} of those that pass in Node`);

async function run(host: Host, test: PeerTest, name: string): Promise<void> {
  const target = join(work, name);
  writeFunction(folder!, test, target);
  try {
    await host.deploy({ name, entry: target });
  } catch (thrown) {
    print(`${test.name.padEnd(64)} not bundled: ${(thrown as Error).message.split('\n')[1] ?? ''}`);
    return;
  }
  const [listed, trouble] = await ask(host, `/${name}/list`);
  if (trouble !== undefined) {
    print(`${test.name.padEnd(64)} does not load: ${trouble}`);
    return;
  }
  const reasons = leftOut(folder!, test);
  const names = (listed as string[]).filter((each) => !reasons.has(each));
  const contrary = contraryTests(test.name);
  const failures: string[] = [];
  let ofNode = 0;
  let failedOfNode = 0;
  for (const each of names) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const [result, failure] = await ask(host, `/${name}/${encodeURIComponent(each)}`);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const inNode = values.node && (await passesInNode(target, each));
    if (inNode) ofNode += 1;
    const reason = contrary.get(each);
    if (reason !== undefined) total.contrary += 1;
    if (result === '') {
      if (reason !== undefined) total.passedContrary += 1;
      continue;
    }
    if (inNode) failedOfNode += 1;
    const mark = `${inNode ? ' (passes in Node)' : ''}${reason === undefined ? '' : ` (contrary to ${reason})`}`;
    failures.push(`  ${each}${mark}: ${failure ?? String(result).split('\n').slice(0, 12).join(' | ')}`);
  }
  host.remove(name);
  const passed = names.length - failures.length;
  total.files += 1;
  total.passed += passed;
  total.tests += names.length;
  total.ofNode += ofNode;
  total.passedOfNode += ofNode - failedOfNode;
  const besides = values.node ? `, ${ofNode - failedOfNode}/${ofNode} of Node's` : '';
  print(`${test.name.padEnd(64)} ${passed}/${names.length}${besides}`);
  for (const [each, reason] of reasons) print(`  ${each} left out: ${reason}`);
  if (values.failures && failures.length > 0) print(failures.join('\n'));
}

async function ask(host: Host, path: string): Promise<[result: unknown, trouble: string | undefined]> {
  const response = await host.fetch(new Request(`http://localhost${path}`));
  const text = await response.text();
  if (response.status === 200) return [JSON.parse(text), undefined];
  return [undefined, lastError];
}

function passesInNode(target: string, name: string): Promise<boolean> {
  const options = { timeout: 10_000, killSignal: 'SIGKILL' as const, maxBuffer: 2 ** 24 };
  const flags = ['--no-warnings', '--expose-gc', nodeProcess, target, name];
  return new Promise((resolve) => {
    execFile(process.execPath, flags, options, (error, output) =>
      resolve(error === null && output.trimEnd().split('\n').at(-1) === '""'),
    );
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
