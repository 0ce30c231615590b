import { HeaderTable, type HeaderValue } from './header-table.ts';
import { headersSent, invalidArgument } from './node-error.ts';

// What a mixin's base takes TypeScript wants to be of any type.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor<T extends object = object> = new (...args: any[]) => T;

/** From now on the headers stay as they are. */
export const markHeadersSent: unique symbol = Symbol('markHeadersSent');
/** The headers as they are sent, names and values in turn. */
export const headerLines: unique symbol = Symbol('headerLines');

type HeaderSource = Iterable<readonly [string, HeaderValue]> & { keys(): unknown; get(name: string): unknown };

/** The headers of Node's `OutgoingMessage`. */
export interface OutgoingHeaders {
  readonly headersSent: boolean;
  setHeader(name: string, value: HeaderValue): this;
  setHeaders(headers: HeaderSource): this;
  appendHeader(name: string, value: HeaderValue): this;
  getHeader(name: string): HeaderValue | undefined;
  getHeaders(): Record<string, HeaderValue>;
  getHeaderNames(): string[];
  getRawHeaderNames(): string[];
  hasHeader(name: string): boolean;
  removeHeader(name: string): void;
  [markHeadersSent](): void;
  [headerLines](): string[];
}

/** The base, with such headers. */
export function withOutgoingHeaders<B extends Constructor>(Base: B): B & Constructor<OutgoingHeaders> {
  return class extends Base implements OutgoingHeaders {
    readonly #headers = new HeaderTable();
    #isSent = false;

    get headersSent(): boolean {
      return this.#isSent;
    }

    setHeader(name: string, value: HeaderValue): this {
      if (this.#isSent) throw headersSent('set');
      this.#headers.set(name, value);
      return this;
    }
    setHeaders(headers: HeaderSource): this {
      if (this.#isSent) throw headersSent('set');
      const isTable = typeof headers === 'object' && headers !== null && !Array.isArray(headers);
      if (!isTable || typeof headers.keys !== 'function' || typeof headers.get !== 'function') {
        throw invalidArgument('headers', 'an instance of Headers or Map', headers);
      }
      for (const [name, value] of headers) this.setHeader(name, value);
      return this;
    }
    appendHeader(name: string, value: HeaderValue): this {
      if (this.#isSent) throw headersSent('append');
      this.#headers.append(name, value);
      return this;
    }
    getHeader(name: string): HeaderValue | undefined {
      return this.#headers.get(name);
    }
    getHeaders(): Record<string, HeaderValue> {
      return this.#headers.toObject();
    }
    getHeaderNames(): string[] {
      return this.#headers.keys();
    }
    getRawHeaderNames(): string[] {
      return this.#headers.names();
    }
    hasHeader(name: string): boolean {
      return this.#headers.has(name);
    }
    removeHeader(name: string): void {
      if (this.#isSent) throw headersSent('remove');
      this.#headers.delete(name);
    }

    [markHeadersSent](): void {
      this.#isSent = true;
    }

    [headerLines](): string[] {
      return this.#headers.lines();
    }
  };
}
