/** The callbacks of an application. They are asked not to throw; should they, it must not cost a call its answer. */
import { z } from 'zod';
import type { FunctionLogEntry, InvocationRecord } from './calls.ts';
import { validate } from './config.ts';

/** What a host tells of itself goes here; nothing is ever printed. `console` is one. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface HookOptions {
  /** Default: nothing is told. */
  readonly logger?: Logger | undefined;
  /** Called once for every call when it is over. Must not throw. */
  readonly onInvocation?: ((record: InvocationRecord) => void) | undefined;
  /** Called for every line that a function logs. The text is the function's: escape it before you show it. Must not throw. */
  readonly onLog?: ((entry: FunctionLogEntry) => void) | undefined;
}

export interface Hooks {
  readonly logger: Logger;
  readonly onInvocation: (record: InvocationRecord) => void;
  readonly onLog: (entry: FunctionLogEntry) => void;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const callback = z.custom(isFunction, 'it must be a function').optional();
const levels = ['debug', 'info', 'warn', 'error'] as const;
const schema = z.object({
  logger: z
    .custom(
      (value) =>
        typeof value === 'object' && value !== null && levels.every((level) => isFunction(value[level as never])),
      `it must have the methods ${levels.join(', ')}`,
    )
    .optional(),
  onInvocation: callback,
  onLog: callback,
});

/** @throws HostError ISOHOST_INVALID_OPTION */
export function resolveHooks(options: HookOptions): Hooks {
  const { logger, onInvocation, onLog } = validate(schema, options) as HookOptions;
  const tell = (level: keyof Logger, message: string): void => {
    try {
      logger?.[level](message);
    } catch {
      // A logger that fails has nobody to tell.
    }
  };
  const guarded =
    <T>(name: string, callee: ((value: T) => void) | undefined) =>
    (value: T): void => {
      try {
        callee?.(value);
      } catch (error) {
        tell(
          'error',
          `the callback ${name} threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
    };
  return {
    logger: {
      debug: (message) => tell('debug', message),
      info: (message) => tell('info', message),
      warn: (message) => tell('warn', message),
      error: (message) => tell('error', message),
    },
    onInvocation: guarded('onInvocation', onInvocation),
    onLog: guarded('onLog', onLog),
  };
}
