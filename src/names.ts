import { HostError } from './errors.ts';

/** First path segments that the host answers itself. */
export const reservedNames: ReadonlyMap<string, string> = new Map([
  ['healthz', 'it would collide with the health check at /healthz'],
  ['readyz', 'it would collide with the readiness check at /readyz'],
  ['metrics', 'it would collide with the metrics at /metrics'],
]);

const pattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/**
 * Checks the name of a function or tenant: it is a path segment of its URL, a label of its metrics and a part of log lines.
 *
 * @throws HostError ISOHOST_INVALID_NAME
 */
export function validateName(kind: 'function' | 'tenant', name: string): void {
  if (!pattern.test(name)) {
    throw new HostError(
      'ISOHOST_INVALID_NAME',
      `the ${kind} name ${JSON.stringify(name.slice(0, 100))} cannot be used: ` +
        `names have 1 to 63 letters, digits, "-" and "_", and begin and end with a letter or digit`,
    );
  }
  const reason = reservedNames.get(name.toLowerCase());
  if (reason !== undefined) {
    throw new HostError(
      'ISOHOST_INVALID_NAME',
      `the ${kind} name "${name}" cannot be used: ${reason}; choose another name`,
    );
  }
}
