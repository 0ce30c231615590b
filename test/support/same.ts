import { expect } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import { functionOf, handler, invoke } from './sandbox.ts';

type AsyncFunctionConstructor = new (body: string) => () => Promise<unknown>;
const AsyncFunction = (async () => {}).constructor as unknown as AsyncFunctionConstructor;

/**
 * Runs the body of an async function in Node and in a guest, and expects the same result: a value with a JSON form, or an error of
 * the same name.
 */
export async function expectSame(sandbox: Sandbox, body: string): Promise<void> {
  const wrapped = `try { return { value: await (async () => {${body}\n})() } } catch (e) { return { error: e.name } }`;
  const expected: unknown = JSON.parse(JSON.stringify(await new AsyncFunction(wrapped)()));
  const { text, ending } = await invoke(
    sandbox,
    functionOf(handler(`return Response.json(await (async () => {${wrapped}\n})())`), { cpuTimeMs: 10_000 }),
  );
  expect(text === '' ? ending.outcome : JSON.parse(text), body).toEqual(expected);
}
