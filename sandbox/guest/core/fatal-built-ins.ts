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
import { Array, Number, RangeError, String, apply } from './primordials.ts';

type Method = (this: unknown, ...rest: never[]) => unknown;

/** The elements that an array of V8 can hold in one piece. */
const maxElements = 2 ** 27 - 8;
const maxJsonLength = 2 ** 28;

const ofArrays = Array.prototype as unknown as Record<string, Method>;
const { sort, toSorted, toReversed, toSpliced, with: withElement } = ofArrays;
const { fill, reverse, copyWithin, flat, unshift, splice, lastIndexOf } = ofArrays;
const ofStrings = String.prototype as unknown as Record<string, Method>;
const { split, match } = ofStrings;
const json = JSON as unknown as Record<string, Method>;
const { parse } = json;

// Literals with as many parameters as the originals have: names and lengths are right, nothing is a constructor, and no property has to be
// defined in each isolate.
/* oxlint-disable prefer-rest-params */
const arrayGuards: Record<string, Method> = {
  sort(_first) {
    return onElements(this, 'sort', sort!, arguments);
  },
  toSorted(_first) {
    return onElements(this, 'toSorted', toSorted!, arguments);
  },
  toReversed() {
    return onElements(this, 'toReversed', toReversed!, arguments);
  },
  toSpliced(_first, _second) {
    return onElements(this, 'toSpliced', toSpliced!, arguments);
  },
  with(_first, _second) {
    return onElements(this, 'with', withElement!, arguments);
  },
  fill(_first) {
    return onElements(this, 'fill', fill!, arguments);
  },
  reverse() {
    return onElements(this, 'reverse', reverse!, arguments);
  },
  copyWithin(_first, _second) {
    return onElements(this, 'copyWithin', copyWithin!, arguments);
  },
  flat() {
    return onElements(this, 'flat', flat!, arguments);
  },
  unshift(_first) {
    return onElements(this, 'unshift', unshift!, arguments);
  },
  splice(_first, _second) {
    return onElements(this, 'splice', splice!, arguments);
  },
  lastIndexOf(_first) {
    return onElements(this, 'lastIndexOf', lastIndexOf!, arguments);
  },
};
const textGuards: Record<string, Method> = {
  split(_first, _second) {
    return onText(this, 'split', split!, arguments);
  },
  match(_first) {
    return onText(this, 'match', match!, arguments);
  },
};
const jsonGuards: Record<string, Method> = {
  parse(source, reviver) {
    const text = String(source);
    if (text.length > maxJsonLength) {
      throw new RangeError(`JSON.parse of ${text.length} characters is not possible here: at most ${maxJsonLength}`);
    }
    return apply(parse!, this, [text, reviver]);
  },
};
/* oxlint-enable prefer-rest-params */

export function guardBuiltIns(): void {
  for (const name in arrayGuards) ofArrays[name] = arrayGuards[name]!;
  for (const name in textGuards) ofStrings[name] = textGuards[name]!;
  for (const name in jsonGuards) json[name] = jsonGuards[name]!;
}

function onElements(self: unknown, name: string, original: Method, args: IArguments): unknown {
  // `null` and the like are for the built-in to refuse.
  const length = (self as { length?: unknown } | null | undefined)?.length;
  if ((typeof length === 'number' ? length : Number(length)) > maxElements) {
    throw new RangeError(`Array.prototype.${name} of more than ${maxElements} elements is not possible here`);
  }
  return apply(original, self, args);
}

function onText(self: unknown, name: string, original: Method, args: IArguments): unknown {
  const text = typeof self === 'string' || self === undefined || self === null ? self : String(self);
  if (typeof text === 'string' && text.length > maxElements) {
    throw new RangeError(
      `String.prototype.${name} of ${text.length} characters is not possible here: at most ${maxElements}`,
    );
  }
  return apply(original, text, args);
}
