/** `node:readline`: the lines of a stream, and control sequences for one that leads to a terminal. A function has none of its own. */
import { part } from '../core/facade.ts';
import { callable } from './shared/callable.ts';
import { assertFunction, withCode } from './shared/node-error.ts';
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

type Answer = (line: string) => void;

class PlainInterface extends Lines {
  question(query: string, ...rest: [Answer] | [QuestionOptions, Answer]): void {
    const answer = rest.at(-1);
    const { signal } = rest.length > 1 ? ((rest[0] ?? {}) as QuestionOptions) : {};
    if (signal?.aborted === true) return;
    assertFunction('cb', answer as Answer);
    const takeBack = this.ask(query, (line) => {
      signal?.removeEventListener('abort', takeBack);
      (answer as Answer)(line);
    });
    signal?.addEventListener('abort', takeBack, { once: true });
  }
}

const Interface = callable(PlainInterface, 'Interface') as unknown as typeof PlainInterface;

const members = {
  Interface,
  createInterface: (input?: Input | InterfaceOptions, output?: Output): PlainInterface => new Interface(input, output),
  clearLine: (stream?: unknown, direction?: number, done?: () => void): boolean =>
    writeControl(
      isStream(stream) ? stream : undefined,
      controls.clearLine(Number(direction)),
      callbackOf(stream, done),
    ),
  clearScreenDown: (stream?: unknown, done?: () => void): boolean =>
    writeControl(stream, controls.clearScreenDown(), callbackOf(stream, done)),
  cursorTo(stream?: unknown, x?: number, ...rest: [y?: number | (() => void), done?: () => void]): boolean {
    if (!isStream(stream)) return false;
    const [y, done] = typeof rest[0] === 'function' ? [undefined, rest[0]] : (rest as [number?, (() => void)?]);
    if (typeof x !== 'number' && typeof y !== 'number') return writeControl(stream, '', done);
    if (typeof x !== 'number') {
      throw withCode(new TypeError('Cannot set cursor row without setting its column'), 'ERR_INVALID_CURSOR_POS');
    }
    const row = typeof y === 'number' ? numberOf('y', y) : undefined;
    return writeControl(stream, controls.cursorTo(numberOf('x', x), row), done);
  },
  moveCursor: (stream?: unknown, dx?: number, dy?: number, done?: () => void): boolean =>
    isStream(stream) && writeControl(stream, controls.moveCursor(Number(dx) || 0, Number(dy) || 0), done),
  emitKeypressEvents(_stream?: unknown, _interface?: unknown): void {
    // Keys are pressed at terminals.
  },
  promises: part('node-readline-promises').default,
};

function isStream(stream: unknown): boolean {
  return typeof stream === 'object' && stream !== null && typeof (stream as Output).write === 'function';
}

/** What is no stream takes no callback either. */
function callbackOf(stream: unknown, done: unknown): unknown {
  return isStream(stream) || typeof done === 'function' ? done : undefined;
}

export default members as Record<string, unknown>;
