/** `node:trace_events`: nothing is traced, whatever is asked for. */
import { assertObject, assertString, invalidArgument, withCode } from './shared/node-error.ts';

class Tracing {
  readonly #categories: readonly string[];
  #isEnabled = false;

  constructor(categories: readonly string[]) {
    this.#categories = categories;
  }

  get categories(): string {
    return this.#categories.join(',');
  }
  get enabled(): boolean {
    return this.#isEnabled;
  }
  enable(): void {
    this.#isEnabled = true;
  }
  disable(): void {
    this.#isEnabled = false;
  }
}

export default {
  createTracing(options: { readonly categories: readonly string[] }): Tracing {
    assertObject('options', options);
    const { categories } = options;
    if (!Array.isArray(categories)) throw invalidArgument('options.categories', 'an instance of Array', categories);
    categories.forEach((category, index) => assertString(`options.categories[${index}]`, category));
    if (categories.length > 0) return new Tracing(categories as string[]);
    throw withCode(new TypeError('At least one category is required'), 'ERR_TRACE_EVENTS_CATEGORY_REQUIRED');
  },
  getEnabledCategories: (): undefined => undefined,
};
