/** `node:assert`, from the package assert. */
import assert from 'assert/build/assert.js';
import { isPartOf } from './node-assert/partial.ts';

type Constructor = new (options: object) => Error;

function partialDeepStrictEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (isPartOf(actual, expected)) return;
  if (message instanceof Error) throw message;
  throw new (assert['AssertionError'] as Constructor)({
    actual,
    expected,
    operator: 'partialDeepStrictEqual',
    message: message ?? 'Expected values to be partially and strictly deep-equal',
    stackStartFn: partialDeepStrictEqual,
  });
}

for (const target of [assert, assert.strict]) {
  Object.defineProperty(target, 'partialDeepStrictEqual', {
    configurable: true,
    enumerable: true,
    writable: true,
    value: partialDeepStrictEqual,
  });
}

export default assert;
