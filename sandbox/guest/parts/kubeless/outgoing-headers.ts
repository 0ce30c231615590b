import { type EventEmitter, loadedPart, part } from '../../core/facade.ts';
import { HeaderTable, type HeaderValue } from './header-table.ts';
import { headersSent, invalidArgument } from './node-error.ts';

/** A stream for who has loaded streams: before that, nobody can ask whether it is one. */
const Base = (loadedPart('package-stream') ?? part('package-events')) as new () => EventEmitter;

/** The headers of Node's `OutgoingMessage`. */
export class OutgoingHeaders extends Base {
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
  setHeaders(
    headers: Iterable<readonly [string, HeaderValue]> & { keys(): unknown; get(name: string): unknown },
  ): this {
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

  /** From now on they stay as they are. */
  protected markHeadersSent(): void {
    this.#isSent = true;
  }

  /** As they are sent, names and values in turn. */
  protected headerLines(): string[] {
    return this.#headers.lines();
  }
}
