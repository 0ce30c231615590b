/** https://html.spec.whatwg.org/#event-stream-interpretation */
import { part } from '../../core/facade.ts';

export interface EventStreamHandlers {
  onEvent(type: string, data: string, lastEventId: string): void;
  onRetry(ms: number): void;
  /** An event without data has changed the id. */
  onId(lastEventId: string): void;
}

export class EventStreamParser {
  readonly #handlers: EventStreamHandlers;
  readonly #decoder = new (part('encoding').TextDecoder)();
  /** The beginning of a line, in the pieces in which it came. */
  #line = '';
  /** The last piece ended with a carriage return: a line feed that follows belongs to it. */
  #endsWithReturn = false;
  #type = '';
  #data = '';
  #id: string;

  constructor(lastEventId: string, handlers: EventStreamHandlers) {
    this.#id = lastEventId;
    this.#handlers = handlers;
  }

  push(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes as Uint8Array<ArrayBuffer>, { stream: true });
    if (text === '') return;
    if (this.#endsWithReturn && text.startsWith('\n')) text = text.slice(1);
    this.#endsWithReturn = text.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#line + lines[0]!;
    this.#line = lines.pop()!;
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (field) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data += `${value}\n`;
        break;
      case 'id':
        if (!value.includes('\0')) this.#id = value;
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.#handlers.onRetry(Math.min(Number(value), 2 ** 31 - 1));
        break;
    }
  }

  #dispatch(): void {
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = '';
    if (data === '') this.#handlers.onId(this.#id);
    else this.#handlers.onEvent(type === '' ? 'message' : type, data.slice(0, -1), this.#id);
  }
}
