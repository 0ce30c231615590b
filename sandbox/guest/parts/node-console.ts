/** `node:console`: the console, and the class of which one can be made that writes to streams. */
import { part } from '../core/facade.ts';
import { format } from './console/format.ts';

const { console } = part('console');

interface Stream {
  write(text: string): unknown;
}
interface Options {
  readonly stdout: Stream;
  readonly stderr?: Stream;
}

/** One that writes where it is told: to streams of the function's own, mostly. */
class Console {
  #out: Stream;
  #err: Stream;

  constructor(first: Stream | Options, second?: Stream) {
    const { stdout, stderr } = 'stdout' in first ? first : { stdout: first, stderr: second };
    this.#out = stdout;
    this.#err = stderr ?? stdout;
    for (const name of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir'] as const)
      this[name] = this[name].bind(this);
  }

  log(...args: unknown[]): void {
    this.#out.write(`${format(args)}\n`);
  }
  info(...args: unknown[]): void {
    this.log(...args);
  }
  debug(...args: unknown[]): void {
    this.log(...args);
  }
  dir(value: unknown): void {
    this.log(value);
  }
  warn(...args: unknown[]): void {
    this.#err.write(`${format(args)}\n`);
  }
  error(...args: unknown[]): void {
    this.warn(...args);
  }
  trace(...args: unknown[]): void {
    this.warn('Trace:', ...args);
  }
}

export default Object.assign(Object.create(console) as object, console, {
  Console,
  /** There is no inspector to show them. */
  context: (): object => console,
  createTask: (_name: string): object => ({ run: (callback: () => unknown): unknown => callback() }),
  profile(): void {},
  profileEnd(): void {},
  timeStamp(): void {},
});
