/** Iterators over lists of pairs, as Web IDL's iterable declarations have them: live, and with a prototype of their own. */

type Pair<V> = readonly [string, V];
type List<V> = () => readonly Pair<V>[];

export interface PairIterator<T> extends IterableIterator<T, undefined> {
  next(): IteratorResult<T, undefined>;
  [Symbol.iterator](): PairIterator<T>;
}

export interface PairIterators<V> {
  entries(list: List<V>): PairIterator<[string, V]>;
  keys(list: List<V>): PairIterator<string>;
  values(list: List<V>): PairIterator<V>;
}

/** @param name What `Object.prototype.toString` says of the iterators, for example "Headers Iterator". */
export function pairIterators<V = string>(name: string): PairIterators<V> {
  class Iterator {
    readonly #list: List<V>;
    readonly #pick: (pair: Pair<V>) => unknown;
    #index = 0;

    constructor(list: List<V>, pick: (pair: Pair<V>) => unknown) {
      this.#list = list;
      this.#pick = pick;
    }

    next(): IteratorResult<unknown, undefined> {
      const pair = this.#list()[this.#index];
      if (pair === undefined) return { value: undefined, done: true };
      this.#index += 1;
      return { value: this.#pick(pair), done: false };
    }
  }
  const arrayIteratorPrototype = Object.getPrototypeOf([][Symbol.iterator]()) as object;
  Object.setPrototypeOf(Iterator.prototype, Object.getPrototypeOf(arrayIteratorPrototype) as object);
  Object.defineProperties(Iterator.prototype, {
    constructor: { configurable: true, value: Object },
    next: { enumerable: true },
    [Symbol.toStringTag]: { configurable: true, value: name },
  });
  const create = <T>(list: List<V>, pick: (pair: Pair<V>) => T): PairIterator<T> =>
    new Iterator(list, pick) as unknown as PairIterator<T>;
  return {
    entries: (list) => create<[string, V]>(list, (pair) => [pair[0], pair[1]]),
    keys: (list) => create(list, (pair) => pair[0]),
    values: (list) => create(list, (pair) => pair[1]),
  };
}
