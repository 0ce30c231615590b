/** A property whose value is made when it is first read, unless it has been set by then. */
export function defineLazy(object: object, name: string, make: () => unknown): void {
  const settle = (value: unknown): void => {
    Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value });
  };
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make();
      settle(value);
      return value;
    },
    set: settle,
  });
}
