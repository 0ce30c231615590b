/**
 * Runs workerd's own tests of its APIs inside guests, and tells how many pass, by file. Nothing of them stands here: name a folder that has them,
 * for example `src/workerd/api` of a checkout.
 *
 *     npm run peer-tests -- FOLDER
 *     npm run peer-tests -- FOLDER --only node/tests/crypto --failures
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createHost, type Host } from '../../src/index.ts';
import { findPeerTests, type PeerTest, writeFunction } from './peer/suite.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    failures: { type: 'boolean', default: false },
  },
});
const folder = positionals[0];
if (folder === undefined || !existsSync(folder)) {
  print('name a folder with tests of workerd, for example src/workerd/api of a checkout of it');
  process.exit(2);
}
const limits = { cpuTimeMs: 10_000, wallTimeMs: 15_000, startUpCpuMs: 10_000, memoryMiB: 256 };
const tests = findPeerTests(folder).filter(({ name }) => name.startsWith(values.only));
const work = mkdtempSync(join(tmpdir(), 'isohost-peer-tests-'));
const total = { files: 0, passed: 0, tests: 0 };
try {
  await using host = await createHost({ ...limits, isolation: { trust: 'trusted' } });
  for (const [index, test] of tests.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- what one uses of the host's threads would keep another waiting
    if (test.reason === undefined) await run(host, test, `t${index}`);
    else print(`${test.name.padEnd(64)} left out: ${test.reason}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
print(`\n${total.passed}/${total.tests} in ${total.files} files`);

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
  const names = listed as string[];
  const failures: string[] = [];
  for (const each of names) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const [result, failure] = await ask(host, `/${name}/${encodeURIComponent(each)}`);
    if (result !== '') failures.push(`  ${each}: ${failure ?? String(result).split('\n').slice(0, 6).join(' | ')}`);
  }
  host.remove(name);
  const passed = names.length - failures.length;
  total.files += 1;
  total.passed += passed;
  total.tests += names.length;
  print(`${test.name.padEnd(64)} ${passed}/${names.length}`);
  if (values.failures && failures.length > 0) print(failures.join('\n'));
}

async function ask(host: Host, path: string): Promise<[result: unknown, trouble: string | undefined]> {
  const response = await host.fetch(new Request(`http://localhost${path}`));
  const text = await response.text();
  if (response.status === 200) return [JSON.parse(text), undefined];
  return [undefined, text.slice(0, 400)];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
