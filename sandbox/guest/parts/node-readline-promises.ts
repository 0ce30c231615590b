/** `node:readline/promises`: questions with promises, and control sequences that are written together. */
import { callable } from './shared/callable.ts';
import { invalidArgument } from './shared/node-error.ts';
import {
  controls,
  type Input,
  type InterfaceOptions,
  Lines,
  numberOf,
  type Output,
  type QuestionOptions,
  writeControl,
} from './shared/readline.ts';

class PromiseInterface extends Lines {
  question(query: string, options: QuestionOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const fail = (): void => reject(abortError(signal?.reason));
      if (signal?.aborted === true) {
        fail();
        return;
      }
      const onAbort = (): void => {
        takeBack();
        fail();
      };
      const takeBack = this.ask(query, (line) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(line);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });
}

const Interface = callable(PromiseInterface, 'Interface') as unknown as typeof PromiseInterface;

export class Readline {
  readonly #stream: Output;
  readonly #isAutoCommit: boolean;
  #pending: string[] = [];

  constructor(stream: Output, { autoCommit = false }: { autoCommit?: boolean } = {}) {
    if (typeof stream?.write !== 'function') throw invalidArgument('stream', 'an instance of Writable', stream);
    this.#stream = stream;
    this.#isAutoCommit = autoCommit;
  }

  clearLine(direction: number): this {
    return this.#add(controls.clearLine(numberOf('dir', direction)));
  }
  clearScreenDown(): this {
    return this.#add(controls.clearScreenDown());
  }
  cursorTo(x: number, y?: number): this {
    return this.#add(controls.cursorTo(numberOf('x', x), y === undefined ? undefined : numberOf('y', y)));
  }
  moveCursor(dx: number, dy: number): this {
    return this.#add(controls.moveCursor(numberOf('dx', dx), numberOf('dy', dy)));
  }
  commit(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    return new Promise((resolve) => void writeControl(this.#stream, text, resolve));
  }
  rollback(): this {
    this.#pending = [];
    return this;
  }

  #add(text: string): this {
    if (this.#isAutoCommit) writeControl(this.#stream, text, undefined);
    else this.#pending.push(text);
    return this;
  }
}

const members = {
  Interface,
  Readline,
  createInterface: (input?: Input | InterfaceOptions, output?: Output): PromiseInterface =>
    new Interface(input, output),
};

export default members as Record<string, unknown>;
