/**
 * Built-ins on which V8 ends the whole process, or that never look whether they should stop, when they are given something enormous. Here
 * are those for which a look beforehand is sound and costs nothing to speak of; they throw a RangeError instead.
 *
 * | Built-in | What V8 does |
 * |---|---|
 * | `split`, `match` of strings of over 2^27 characters | fatal "invalid size error": the result does not fit into an array |
 * | `JSON.parse` of over 2^28 characters | the same |
 * | `sort`, `toSorted`, `toReversed`, `toSpliced`, `with` of over 2^27 elements | fatal "invalid array length" |
 * | `fill`, `reverse`, `copyWithin`, `flat`, `unshift`, `splice`, `lastIndexOf` of over 2^27 elements | not interruptible, for hours |
 *
 * Not among them: what V8 compiles into its callers (`indexOf`, `forEach`, `map` and the like would be slower for everybody), the methods
 * of regular expressions (V8 takes its slow paths once they are changed), lengths that a proxy or a getter tells differently at the second
 * look, and growing beyond what a table can hold. Cells are there for those.
 */
import { Array, Number, RangeError, String, apply, defineProperty, getOwnPropertyDescriptor } from './primordials.ts';

type Method = (this: unknown, ...rest: unknown[]) => unknown;

/** The elements that an array of V8 can hold in one piece. */
const maxElements = 2 ** 27 - 8;
const maxJsonLength = 2 ** 28;
const fatalForArrays = ['sort', 'toSorted', 'toReversed', 'toSpliced', 'with'];
const endlessForArrays = ['fill', 'reverse', 'copyWithin', 'flat', 'unshift', 'splice', 'lastIndexOf'];
const ofStrings = ['split', 'match'];

export function guardBuiltIns(): void {
  const { prototype } = Array as unknown as { prototype: Record<string, Method> };
  for (const names of [fatalForArrays, endlessForArrays])
    for (const name of names) replace(prototype, name, (original) => guardLength(name, original));
  const { prototype: ofString } = String as unknown as { prototype: Record<string, Method> };
  for (const name of ofStrings) replace(ofString, name, (original) => guardText(name, original));
  replace(JSON as unknown as Record<string, Method>, 'parse', guardJson);
}

function guardLength(name: string, original: Method): Method {
  return {
    method(this: unknown, ...rest: unknown[]): unknown {
      // `null` and the like are for the built-in to refuse.
      const length = (this as { length?: unknown } | null | undefined)?.length;
      if ((typeof length === 'number' ? length : Number(length)) > maxElements) {
        throw new RangeError(`Array.prototype.${name} of more than ${maxElements} elements is not possible here`);
      }
      return apply(original, this, rest);
    },
  }.method;
}

function guardText(name: string, original: Method): Method {
  return {
    method(this: unknown, ...rest: unknown[]): unknown {
      const text = typeof this === 'string' || this === undefined || this === null ? this : String(this);
      if (typeof text === 'string' && text.length > maxElements) {
        throw new RangeError(
          `String.prototype.${name} of ${text.length} characters is not possible here: at most ${maxElements}`,
        );
      }
      return apply(original, text, rest);
    },
  }.method;
}

function guardJson(original: Method): Method {
  return {
    method(this: unknown, ...rest: unknown[]): unknown {
      const text = String(rest[0]);
      if (text.length > maxJsonLength) {
        throw new RangeError(`JSON.parse of ${text.length} characters is not possible here: at most ${maxJsonLength}`);
      }
      rest[0] = text;
      return apply(original, this, rest);
    },
  }.method;
}

/** Keeps the name, the number of parameters and the attributes. The guards are methods of literals, which are no constructors. */
function replace(target: Record<string, Method>, name: string, guard: (original: Method) => Method): void {
  const descriptor = getOwnPropertyDescriptor(target, name)!;
  const original = descriptor.value as Method;
  const guarded = guard(original);
  for (const key of ['name', 'length']) defineProperty(guarded, key, getOwnPropertyDescriptor(original, key)!);
  descriptor.value = guarded;
  defineProperty(target, name, descriptor);
}
