import { createRequire } from 'node:module';
import { expect } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import { functionOf, handler, invoke } from './sandbox.ts';

type AsyncFunctionConstructor = new (parameter: string, body: string) => (require: NodeJS.Require) => Promise<unknown>;
const require = createRequire(import.meta.url);
const AsyncFunction = (async () => {}).constructor as unknown as AsyncFunctionConstructor;

/**
 * Runs the body of an async function, which may call `require`, in Node and in a guest, and expects the same result: a value with a JSON form,
 * or an error of the same name.
 */
export async function expectSame(sandbox: Sandbox, body: string): Promise<void> {
  const wrapped = `try { return { value: await (async () => {${body}\n})() } } catch (e) { return { error: e.name } }`;
  const expected: unknown = JSON.parse(JSON.stringify(await new AsyncFunction('require', wrapped)(require)));
  const { text, ending } = await invoke(
    sandbox,
    functionOf(handler(`return Response.json(await (async () => {${wrapped}\n})())`), { cpuTimeMs: 10_000 }),
  );
  expect(text === '' ? ending.outcome : JSON.parse(text), body).toEqual(expected);
}
