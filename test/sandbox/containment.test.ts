/** Code that crashes or hangs a host that trusts isolated-vm. Each case runs in a process of its own, which must outlive it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../support/contain.ts', import.meta.url));

interface Report {
  readonly outcome: string;
  readonly neighbour: string;
  readonly stuck: number;
}

async function contain(code: string, bodyBytes = 20_000, cpuTimeMs = 500): Promise<Report> {
  const args = ['--no-node-snapshot', script, code, String(bodyBytes), String(cpuTimeMs)];
  const { stdout } = await run(process.execPath, args, {
    timeout: 55_000,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout) as Report;
}

describe.concurrent('the process outlives', () => {
  test.each([
    ['a returned Float16Array', 'module.exports = () => new Float16Array(4)', 'exception'],
    ['a thenable of one', 'module.exports = () => ({ then(r) { r(new Float16Array(4)) } })', 'exception'],
    ['a gigantic message thrown at module level', 'throw { message: "x".repeat(2 ** 29 - 24) }', 'exception'],
    [
      'a gigantic message thrown by the handler',
      'module.exports = () => { throw { message: "x".repeat(2 ** 29 - 24) } }',
      'exception',
    ],
    [
      'a gigantic message in a rejection that nobody handles',
      'module.exports = () => { Promise.reject({ message: "x".repeat(2 ** 29 - 24) }); return new Response("x") }',
      'ok',
    ],
    [
      'an error with a gigantic message',
      'module.exports = () => { throw new Error("x".repeat(2 ** 29 - 44)) }',
      'exception',
    ],
    [
      'a gigantic error name',
      'module.exports = () => { const e = new Error("x"); e.name = "x".repeat(2 ** 29 - 44); throw e }',
      'exception',
    ],
    [
      'an error of the runtime with its message blown up',
      'module.exports = () => { try { new URL("x") } catch (e) { e.message = "x".repeat(2 ** 29 - 24); void e.stack } return new Response("x") }',
      'ok',
    ],
    [
      'an array of one big string',
      'const s = "x".repeat(1e6); module.exports = () => Array(1000).fill(s)',
      'exception',
    ],
    [
      'a flood of log lines',
      'module.exports = () => { for (let i = 0; i < 3000; i++) console.log("x".repeat(2 ** 20) + i); return new Response("x") }',
      'ok',
    ],
    ['a response over every limit', 'module.exports = () => new Response("x".repeat(2 ** 28))', 'exceededResponse'],
    [
      'a rejected proxy whose traps loop',
      'module.exports = () => { Promise.reject(new Proxy(new Error(), { get() { for (;;); } })); return new Response("x") }',
      'ok',
    ],
    [
      'a name getter that loops',
      'class E extends Error { get name() { for (;;); } } module.exports = () => { throw new E() }',
      'exceededCpu',
    ],
    [
      'a loop that allocates arrays (needs the engine flag)',
      'module.exports = () => { let x; for (;;) x = new Array(1000).fill({}) }',
      'exceededCpu',
    ],
    [
      'a loop around synchronous host calls',
      'module.exports = () => { for (;;) { try { crypto.getRandomValues(new Uint8Array(65536)) } catch {} } }',
      'exceededCpu',
    ],
    [
      'a loop around domain names',
      'module.exports = () => { for (let i = 0; ; i++) { try { new URL("http://\\u00fc" + i) } catch {} } }',
      'exceededCpu',
    ],
    [
      'compiling at the end of the stack',
      'module.exports = () => { const f = () => { try { f() } catch { structuredClone({}); } }; f(); return new Response("x") }',
      undefined,
    ],
    [
      'a pile of pending operations',
      'module.exports = async (r) => { for (;;) { try { r.clone().text() } catch {} await null } }',
      undefined,
    ],
    [
      'a storm of unhandled rejections',
      'module.exports = () => { for (let i = 0; i < 1e5; i++) Promise.reject(i); return new Response("x") }',
      undefined,
    ],
    [
      'headers without end',
      'module.exports = () => { const h = new Headers(); for (let i = 0; i < 1e5; i++) h.append("a" + i, "b"); return new Response("", { headers: h }) }',
      undefined,
    ],
  ])('%s', async (_, code, outcome) => {
    const report = await contain(code);
    if (outcome !== undefined) expect(report.outcome).toBe(outcome);
    expect(report.neighbour).toBe('fine');
    expect(report.stuck).toBe(0);
  });
});

test('the process outlives a hoard of arrays (needs the engine flag)', async () => {
  const code = 'module.exports = () => { const a = []; for (;;) a.push(new Array(1000)) }';
  // Collecting garbage takes the CPU time that it takes.
  expect(await contain(code, 20_000, 20_000)).toEqual({ outcome: 'exceededMemory', neighbour: 'fine', stuck: 0 });
});

/** The runtime under test has 64 MiB. */
describe.concurrent('a body of nine megabytes', () => {
  test.each([
    [
      'crosses once, however often it is read as text',
      'module.exports = async (r) => { const all = []; for (let i = 0; i < 200; i++) all.push(r.clone().text()); await Promise.all(all); return new Response("x") }',
      'ok',
    ],
    [
      'is within the memory limit, when it is read as bytes again and again',
      'module.exports = async (r) => { const all = []; for (let i = 0; i < 50; i++) all.push(await r.clone().arrayBuffer()); return new Response("x") }',
      'exception',
    ],
    [
      'does not go into a heap that is full',
      'module.exports = async (r) => { const text = "x".repeat(55e6); text.charCodeAt(9); return new Response(String((await r.text()).length + text.length)) }',
      'exceededMemory',
    ],
  ])('%s', async (_, code, outcome) => {
    const report = await contain(code, 9e6);
    expect(report).toMatchObject({ outcome, neighbour: 'fine', stuck: 0 });
  });
});
