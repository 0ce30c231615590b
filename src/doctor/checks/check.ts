/** Something about the machine or the configuration that was looked at. */
export interface Check {
  readonly name: string;
  /** `warn`: it works, but an operator should know. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; absent where nothing is to be done. */
  readonly remedy?: string;
}

export function ok(name: string, found: string): Check {
  return { name, status: 'ok', found };
}

export function warn(name: string, found: string, remedy: string): Check {
  return { name, status: 'warn', found, remedy };
}

export function fail(name: string, found: string, remedy: string): Check {
  return { name, status: 'fail', found, remedy };
}
