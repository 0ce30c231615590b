import { part } from '../../core/facade.ts';
import type { Response } from '../fetch.ts';
import { type HeadersArgument, hasInvalidCharacter, headerPairs } from '../kubeless/header-table.ts';
import { headersSent, nodeError } from '../kubeless/node-error.ts';
import { STATUS_CODES } from '../shared/http-names.ts';
import type { IncomingMessage } from './incoming-message.ts';
import { markHeadersSent } from '../kubeless/outgoing-headers.ts';
import { OutgoingMessage, sentHeaders } from './outgoing-message.ts';
import type { Done } from './streams.ts';

interface Controller {
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
  readonly desiredSize: number | null;
}

let answerOf: (response: ServerResponse) => Promise<Response>;
const bodiless = new Set([204, 205, 304]);

/** What a handler answers by. It becomes a `Response`: in one piece where the handler ends it with all of its body, otherwise as a stream. */
export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage: string | undefined = undefined;
  readonly req: IncomingMessage | undefined;
  readonly #answer = Promise.withResolvers<Response>();
  #isAnswered = false;
  /** Its only piece, when `end` was given all of the body. */
  #whole: Uint8Array | undefined;
  #isWhole = false;
  #controller: Controller | undefined;
  /** The writer that waits for the client. */
  #waiting: Done | undefined;

  static {
    answerOf = (response) => response.#answer.promise;
  }

  constructor(request?: IncomingMessage, options?: object) {
    super(options);
    this.req = request;
    this.socket = request?.socket ?? null;
    // Who has made it by hand may never ask for the answer.
    this.#answer.promise.catch(() => {});
  }

  writeHead(status: number, message?: string | HeadersArgument, headers?: HeadersArgument): this {
    if (this.headersSent) throw headersSent('write');
    const code = Number(status) | 0;
    if (code < 100 || code > 999) {
      throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(status)}`);
    }
    const given = typeof message === 'string' ? message : (this.statusMessage ?? STATUS_CODES[code] ?? 'unknown');
    if (hasInvalidCharacter(given)) {
      throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage');
    }
    for (const [name, value] of headerPairs(typeof message === 'string' ? headers : message))
      this.setHeader(name, value);
    this.statusCode = code;
    this.statusMessage = given;
    this[markHeadersSent]();
    return this;
  }
  /** Packages call it to send the headers as they are. */
  _implicitHeader(): void {
    this.writeHead(this.statusCode);
  }
  override flushHeaders(): void {
    this.#commit();
    this.#stream();
  }

  override write(chunk: unknown, encoding?: string | Done, callback?: Done): boolean {
    if (!this.writableEnded && !this.destroyed) this.#commit();
    return super.write(chunk, encoding, callback);
  }

  override end(chunk?: unknown, encoding?: string | Done, callback?: Done): this {
    if (!this.writableEnded && !this.destroyed) {
      this.#commit();
      this.#isWhole = !this.#isAnswered;
    }
    return super.end(chunk, encoding, callback);
  }

  _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    if (this.#isWhole) {
      this.#whole = chunk;
      done();
      return;
    }
    const controller = this.#stream();
    // A response without a body takes one, and drops it.
    if (controller === undefined) {
      done();
      return;
    }
    if (chunk.length > 0) controller.enqueue(new Uint8Array(chunk));
    if ((controller.desiredSize ?? 1) > 0) done();
    else this.#waiting = done;
  }

  _final(done: Done): void {
    if (this.#isWhole) this.#respond(this.#whole ?? '');
    else this.#controller?.close();
    this.#controller = undefined;
    done();
  }

  _destroy(error: Error | null, done: Done): void {
    const reason = error ?? new Error('the response was destroyed before it was complete');
    this.#controller?.error(reason);
    this.#controller = undefined;
    this.#answer.reject(reason);
    done(error);
  }

  // There is nobody to send interim answers to.

  assignSocket(): void {}
  detachSocket(): void {}
  writeContinue(callback?: () => void): void {
    callback?.();
  }
  writeProcessing(callback?: () => void): void {
    callback?.();
  }
  writeEarlyHints(_hints: object, callback?: () => void): void {
    callback?.();
  }

  #commit(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
  }

  #stream(): Controller | undefined {
    if (this.#isAnswered) return this.#controller;
    if (this.req?.method === 'HEAD' || bodiless.has(this.statusCode)) {
      this.#respond(null);
      return undefined;
    }
    const { ReadableStream } = part('streams');
    const stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller as Controller;
      },
      pull: () => {
        const resume = this.#waiting;
        this.#waiting = undefined;
        resume?.();
      },
      cancel: () => {
        this.#controller = undefined;
        this.#waiting = undefined;
        this.destroy();
      },
    });
    this.#respond(stream);
    return this.#controller;
  }

  #respond(body: unknown): void {
    this.#isAnswered = true;
    const { Response: Answer } = part('fetch');
    const hasBody = this.req?.method !== 'HEAD' && !bodiless.has(this.statusCode);
    try {
      const init = { status: this.statusCode, headers: sentHeaders(this) };
      this.#answer.resolve(new Answer((hasBody ? body : null) as never, init));
    } catch (thrown) {
      this.#answer.reject(thrown);
    }
  }
}

/** The `Response` that it becomes. */
export function responseOf(response: ServerResponse): Promise<Response> {
  return answerOf(response);
}
