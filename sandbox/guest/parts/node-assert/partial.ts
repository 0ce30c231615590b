/** Whether all of one value is in another: what `assert.partialDeepStrictEqual` asks. */
import { isDeepStrictEqual } from 'assert/build/internal/util/comparisons.js';

export function isPartOf(actual: unknown, expected: unknown, seen = new Map<object, unknown>()): boolean {
  if (!isObject(actual) || !isObject(expected)) return Object.is(actual, expected);
  if (actual === expected || seen.get(expected) === actual) return true;
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return false;
  seen.set(expected, actual);
  if (Array.isArray(expected)) return isPartOfList(actual as unknown[], expected, seen);
  if (expected instanceof Set) return isPartOfList([...(actual as Set<unknown>)], [...expected], seen);
  if (expected instanceof Map) {
    const own = actual as Map<unknown, unknown>;
    return [...expected].every(([key, value]) => own.has(key) && isPartOf(own.get(key), value, seen));
  }
  const tag = Object.prototype.toString.call(expected);
  if (tag !== '[object Object]') return isDeepStrictEqual(actual, expected);
  return Reflect.ownKeys(expected).every(
    (key) => Object.hasOwn(actual, key) && isPartOf(Reflect.get(actual, key), Reflect.get(expected, key), seen),
  );
}

/** In the same order, with others in between. */
function isPartOfList(actual: readonly unknown[], expected: readonly unknown[], seen: Map<object, unknown>): boolean {
  let index = 0;
  return expected.every((value) => {
    while (index < actual.length) {
      index += 1;
      if (isPartOf(actual[index - 1], value, seen)) return true;
    }
    return false;
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
