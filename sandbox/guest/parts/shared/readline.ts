/** What `node:readline` and `node:readline/promises` have in common: lines of a stream, and the control sequences of a terminal. */
import { part } from '../../core/facade.ts';
import { assertFunction, invalidArgument, invalidValue, withCode } from './node-error.ts';

export interface Input {
  on(event: string, listener: (...args: never[]) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
  pause?(): unknown;
  resume?(): unknown;
}
export interface Output {
  write?(text: string, done?: () => void): unknown;
}
export interface InterfaceOptions {
  input?: Input;
  output?: Output;
  prompt?: string;
  signal?: AbortSignal;
  terminal?: boolean;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: object): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
export interface QuestionOptions {
  signal?: AbortSignal;
}
type Decoder = InstanceType<ReturnType<typeof part<'encoding'>>['TextDecoder']>;

/** As in Node: more lines than these wait for an iterator only with the stream paused. */
const maxWaitingLines = 1024;
const lineEnd = /\r\n|\n|\r|\u2028|\u2029/g;

/** Of a stream that nobody has given there are no lines: questions are answered by an empty one at once. */
export class Lines extends part('package-events') {
  line = '';
  cursor = 0;
  closed = false;
  paused = false;
  readonly terminal = false;
  readonly input: Input | undefined;
  readonly output: Output | undefined;
  #prompt = '> ';
  /** The begin of a line. */
  #rest = '';
  #isAfterReturn = false;
  #decoder: Decoder | undefined;
  #question: ((answer: string) => void) | undefined;

  constructor(input?: Input | InterfaceOptions, output?: Output) {
    super();
    const options: InterfaceOptions = isOptions(input) ? input : { ...(input && { input }), ...(output && { output }) };
    this.input = options.input;
    this.output = options.output;
    if (options.prompt !== undefined) this.#prompt = `${options.prompt}`;
    else if (this.input === undefined) this.#prompt = '';
    const { signal } = options;
    if (signal?.aborted === true) {
      this.closed = true;
      return;
    }
    signal?.addEventListener('abort', () => this.close(), { once: true });
    this.input?.on('data', this.#onData);
    this.input?.on('end', this.#onEnd);
    this.input?.on('error', this.#onError);
    this.input?.resume?.();
  }

  getPrompt(): string {
    return this.#prompt;
  }
  setPrompt(prompt: string): void {
    this.#prompt = `${prompt}`;
  }
  prompt(_preserveCursor?: boolean): void {
    this.assertOpen();
    if (this.paused) this.resume();
    this.output?.write?.(this.#prompt);
  }
  getCursorPos(): { rows: number; cols: number } {
    return { rows: 0, cols: this.cursor };
  }

  pause(): this {
    if (this.paused) return this;
    this.input?.pause?.();
    this.paused = true;
    this.emit('pause');
    return this;
  }
  resume(): this {
    if (!this.paused) return this;
    this.input?.resume?.();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  /** What is written is taken for input. */
  write(data?: string | Uint8Array | null, _key?: object): void {
    this.assertOpen();
    if (this.paused) this.resume();
    if (data !== undefined && data !== null) this.#take(this.#textOf(data));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.input?.removeListener('data', this.#onData);
    this.input?.removeListener('end', this.#onEnd);
    this.input?.removeListener('error', this.#onError);
    if (!this.paused) this.pause();
    this.emit('close');
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /** Asks for a line; without a stream to come from, it is empty. */
  protected ask(query: string, answer: (line: string) => void): () => void {
    this.assertOpen();
    if (this.input === undefined) {
      answer('');
      return nothing;
    }
    this.output?.write?.(query);
    this.resume();
    // As in Node: who asks while a question is open sees its prompt again.
    if (this.#question !== undefined) return nothing;
    this.#question = answer;
    return () => {
      if (this.#question === answer) this.#question = undefined;
    };
  }

  protected assertOpen(): void {
    if (!this.closed || this.input === undefined) return;
    throw withCode(new Error('readline was closed'), 'ERR_USE_AFTER_CLOSE');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const lines: string[] = [];
    let wake = nothing;
    let isDone = this.closed;
    let failure: { readonly reason: unknown } | undefined;
    const onLine = (line: string): void => {
      lines.push(line);
      if (lines.length >= maxWaitingLines) this.pause();
      wake();
    };
    const onClose = (): void => {
      isDone = true;
      wake();
    };
    const onError = (reason: unknown): void => {
      failure = { reason };
      wake();
    };
    this.on('line', onLine);
    this.on('close', onClose);
    this.input?.on('error', onError);
    try {
      for (;;) {
        const waiting = lines.splice(0);
        for (const line of waiting) yield line;
        if (waiting.length > 0) {
          if (!this.closed) this.resume();
          continue;
        }
        if (failure !== undefined) throw failure.reason;
        if (isDone || this.input === undefined) return;
        // oxlint-disable-next-line no-await-in-loop -- for what comes next
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.removeListener('line', onLine);
      this.removeListener('close', onClose);
      this.input?.removeListener('error', onError);
      this.close();
    }
  }

  readonly #onData = (chunk: string | Uint8Array): void => this.#take(this.#textOf(chunk));
  readonly #onEnd = (): void => {
    this.#take(this.#decoder?.decode() ?? '');
    if (this.#rest !== '') this.#tell(this.#rest);
    this.#rest = '';
    this.close();
  };
  readonly #onError = (reason: unknown): void => {
    this.emit('error', reason);
  };

  #textOf(chunk: string | Uint8Array): string {
    if (typeof chunk === 'string') return chunk;
    this.#decoder ??= new (part('encoding').TextDecoder)('utf-8', { ignoreBOM: true });
    return this.#decoder.decode(chunk as Uint8Array<ArrayBuffer>, { stream: true });
  }

  #take(text: string): void {
    if (text === '') return;
    // The two halves of a line's end may come one by one.
    const fresh = this.#isAfterReturn && text[0] === '\n' ? text.slice(1) : text;
    this.#isAfterReturn = text.endsWith('\r');
    const pieces = `${this.#rest}${fresh}`.split(lineEnd);
    this.#rest = pieces.pop()!;
    for (const line of pieces) this.#tell(line);
  }

  #tell(line: string): void {
    const answer = this.#question;
    if (answer === undefined) {
      this.emit('line', line);
      return;
    }
    this.#question = undefined;
    answer(line);
  }
}

function nothing(): void {
  // There is nothing to take back, or nobody waits.
}

function isOptions(value: unknown): value is InterfaceOptions {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Input>).on !== 'function';
}

/** @returns Whether more may be written; false without a terminal. */
export function writeControl(stream: unknown, text: string, done: unknown): boolean {
  if (done !== undefined) assertFunction('callback', done as () => void);
  const { write } = (stream ?? {}) as Output;
  const isStream = typeof stream === 'object' && typeof write === 'function';
  if (!isStream || text === '') {
    if (typeof done === 'function') part('node-process').default.nextTick(done as () => void);
    return isStream;
  }
  return (stream as Required<Output>).write(text, done as (() => void) | undefined) !== false;
}

/** Control sequences: https://en.wikipedia.org/wiki/ANSI_escape_code#CSI_(Control_Sequence_Introducer)_sequences */
export const controls = {
  clearLine: (direction: number) => `\x1b[${direction < 0 ? 1 : direction > 0 ? 0 : 2}K`,
  clearScreenDown: () => '\x1b[0J',
  cursorTo: (column: number, row?: number) =>
    row === undefined ? `\x1b[${column + 1}G` : `\x1b[${row + 1};${column + 1}H`,
  moveCursor: (columns: number, rows: number) => `${steps(columns, 'C', 'D')}${steps(rows, 'B', 'A')}`,
};

function steps(count: number, forward: string, back: string): string {
  if (count === 0) return '';
  return `\x1b[${Math.abs(count)}${count > 0 ? forward : back}`;
}

export function numberOf(name: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidArgument(name, 'of type number', value);
  if (Number.isNaN(value)) throw invalidValue(name, value);
  return value;
}
