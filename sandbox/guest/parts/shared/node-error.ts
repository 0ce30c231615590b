/** Errors with a code, as Node's. */
export function invalidArgument(name: string, expected: string, value: unknown): TypeError {
  const received = value === null || value === undefined ? String(value) : `type ${typeof value}`;
  return withCode(
    new TypeError(`The "${name}" argument must be ${expected}. Received ${received}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

export function withCode<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}

export function assertFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'of type function', value);
}
