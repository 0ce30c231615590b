/** The streams that requests and answers are: those of `node:stream`. */
import { part } from '../../core/facade.ts';

export type Done = (error?: Error | null) => void;

interface Emitting {
  on(event: string, listener: (...args: never[]) => void): this;
  once(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): boolean;
  destroy(error?: Error): this;
  readonly destroyed: boolean;
}
interface Reading extends Emitting {
  push(chunk: Uint8Array | null): boolean;
  readonly readableEnded: boolean;
}
export interface Writing extends Emitting {
  write(chunk: unknown, encoding?: string | Done, callback?: Done): boolean;
  end(chunk?: unknown, encoding?: string | Done, callback?: Done): this;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
}
interface Streams {
  readonly Readable: new (options?: object) => Reading;
  readonly Writable: new (options?: object) => Writing;
}

export const { Readable, Writable } = part('package-stream') as unknown as Streams;
