/**
 * Runs Web Platform Tests inside a guest and in Node, and tells how many subtests pass in each, by area. The counts that were reached stand in
 * counts.json: they can only rise.
 *
 *     sh test/conformance/get-wpt.sh && npm run conformance
 *     npm run conformance -- --only url --failures
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { testSandbox } from '../support/sandbox.ts';
import { type FileResult, runInGuest, runInNode } from './engines.ts';
import { type ConformanceTest, findTests, textOf } from './suite.ts';

interface Count {
  passed: number;
  total: number;
}
interface AreaCounts {
  files: number;
  readonly isohost: Count;
  readonly node: Count;
}
interface CountsRecord {
  /** Which tests these counts are of. */
  readonly tests: string;
  readonly areas: Record<string, AreaCounts>;
}

const { values } = parseArgs({
  options: {
    wpt: { type: 'string', default: 'test/conformance/wpt' },
    only: { type: 'string', default: '' },
    /** An area that is left out. */
    except: { type: 'string', default: '' },
    failures: { type: 'boolean', default: false },
    guest: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  },
});
const recordFile = new URL('counts.json', import.meta.url);
/** Files at a time: the guest's run in this process one by one, Node's each in one of its own. */
const atOnce = 2;

if (!existsSync(join(values.wpt, 'resources/testharness.js'))) {
  print(
    `there are no Web Platform Tests in ${values.wpt}; get them with "sh test/conformance/get-wpt.sh", or name a folder with --wpt`,
  );
  process.exit(2);
}
const tests = findTests(values.wpt).filter(({ name, area }) => name.startsWith(values.only) && area !== values.except);
const areas: Record<string, AreaCounts> = {};
await using sandbox = await testSandbox();
const waiting = [...tests];
/** Guests run one by one: what one uses of the host's threads would keep another waiting. */
let guestTurn: Promise<unknown> = Promise.resolve();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) await run(test);
  }),
);
report();
process.exitCode = check() ? 0 : 1;

async function run(test: ConformanceTest): Promise<void> {
  const source = textOf(values.wpt, test);
  const [isohost, node] = await Promise.all([
    inTurn(() => runInGuest(sandbox, source)),
    values.guest ? { results: [], trouble: '' } : runInNode(source),
  ]);
  const counts = (areas[test.area] ??= {
    files: 0,
    isohost: { passed: 0, total: 0 },
    node: { passed: 0, total: 0 },
  });
  if (test.search === '' || !tests.some(({ path, search }) => path === test.path && search < test.search))
    counts.files += 1;
  add(counts.isohost, isohost);
  add(counts.node, node);
  if (values.failures) printFailures(test, isohost, node);
}

function inTurn(start: () => Promise<FileResult>): Promise<FileResult> {
  const result = guestTurn.then(start);
  guestTurn = result;
  return result;
}

function add(count: Count, { results }: FileResult): void {
  count.total += results.length;
  count.passed += results.filter(({ passed }) => passed).length;
}

/** Those that pass in Node are marked. */
function printFailures(test: ConformanceTest, isohost: FileResult, node: FileResult): void {
  const inNode = new Set(node.results.filter(({ passed }) => passed).map(({ name }) => name));
  const inGuest = new Set(isohost.results.map(({ name }) => name));
  const lines = isohost.results
    .filter(({ passed }) => !passed)
    .map(({ name, message }) => `  ${inNode.has(name) ? '!' : '-'} ${name}: ${message}`);
  for (const name of inNode) if (!inGuest.has(name)) lines.push(`  ! ${name}: not run`);
  if (isohost.trouble !== '') lines.unshift(`  ${isohost.trouble}`);
  if (lines.length > 0) print(`${test.name}\n${lines.join('\n')}`);
}

function report(): void {
  print(`\n${'area'.padEnd(32)} files  ${'isohost'.padEnd(14)} Node ${process.versions.node}`);
  for (const [name, { files, isohost, node }] of Object.entries(areas).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const mark = isohost.passed < node.passed ? '  below Node' : '';
    print(`${name.padEnd(32)} ${String(files).padEnd(6)} ${show(isohost).padEnd(14)} ${show(node)}${mark}`);
  }
}

function show({ passed, total }: Count): string {
  return `${passed}/${total}`;
}

/** Compares with the counts on record, where they are of the same tests; writes them with --update. */
function check(): boolean {
  const version = versionOf(values.wpt);
  const recorded = existsSync(recordFile)
    ? (JSON.parse(readFileSync(recordFile, 'utf8')) as CountsRecord)
    : { tests: version, areas: {} };
  if (values.update) {
    const kept = recorded.tests === version ? recorded.areas : {};
    const all = Object.entries({ ...kept, ...areas }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(recordFile, `${JSON.stringify({ tests: version, areas: Object.fromEntries(all) }, undefined, 2)}\n`);
    return true;
  }
  if (recorded.tests !== version) {
    print(
      `\nthese are other tests (${version}) than those of the counts on record (${recorded.tests}): nothing to compare with`,
    );
    return true;
  }
  let isGood = true;
  for (const [name, { isohost }] of Object.entries(areas)) {
    const before = recorded.areas[name]?.isohost.passed ?? 0;
    if (isohost.passed >= before || values.only !== '') continue;
    isGood = false;
    print(`\n${name}: ${isohost.passed} pass, and ${before} did; the counts may only rise`);
  }
  return isGood;
}

/** Node writes down of what commits its copy is. */
function versionOf(folder: string): string {
  const file = join(folder, 'versions.json');
  if (!existsSync(file)) return 'unknown';
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
