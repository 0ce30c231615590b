/** Classes of Node's that are functions there: they can be called without `new`. */
export function callable<C extends new (...args: never[]) => object>(
  Class: C,
  name: string,
): C & ((...args: ConstructorParameters<C>) => InstanceType<C>) {
  function construct(...args: ConstructorParameters<C>): InstanceType<C> {
    return Reflect.construct(Class, args, new.target ?? construct) as InstanceType<C>;
  }
  Object.setPrototypeOf(construct, Class);
  construct.prototype = Class.prototype as object;
  Object.defineProperty(construct, 'name', { configurable: true, value: name });
  Object.defineProperty(Class.prototype, 'constructor', { configurable: true, writable: true, value: construct });
  return construct as never;
}
