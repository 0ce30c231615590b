/** Modules of Node that packages import, often without ever using them: they load, and say at use what there is instead. */
import { part } from '../../core/facade.ts';
import { withCode } from './node-error.ts';

/** @param use For example "connect of node:net". @param remedy For example "use fetch". */
export function unavailable(use: string, remedy: string): Error {
  return withCode(new Error(`${use} is not available in a function; ${remedy}`), 'ERR_METHOD_NOT_IMPLEMENTED');
}

/** Functions that throw when they are called, by name. */
export function unavailableFunctions(
  module: string,
  remedy: string,
  names: readonly string[],
): Record<string, () => never> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        [name](): never {
          throw unavailable(`${name} of ${module}`, remedy);
        },
      }[name]!,
    ]),
  );
}

/**
 * Classes that can be extended, and not be made: event emitters, as most of Node's are.
 *
 * @param names Or the names with those of their methods, which throw as well.
 */
export function unavailableClasses(
  module: string,
  remedy: string,
  names: readonly string[] | Readonly<Record<string, readonly string[]>>,
): Record<string, new (...args: unknown[]) => object> {
  const Base = part('package-events') as new () => object;
  const entries = Array.isArray(names) ? names.map((name: string) => [name, []] as const) : Object.entries(names);
  return Object.fromEntries(
    entries.map(([name, methods]) => {
      const Class = {
        [name]: class extends Base {
          constructor() {
            super();
            throw unavailable(`${name} of ${module}`, remedy);
          }
        },
      }[name]!;
      for (const [method, value] of Object.entries(
        unavailableFunctions(
          module,
          remedy,
          methods.map((each: string) => `${name}.${each}`),
        ),
      )) {
        Object.defineProperty(Class.prototype, method.slice(name.length + 1), {
          configurable: true,
          writable: true,
          value,
        });
      }
      return [name, Class];
    }),
  );
}
