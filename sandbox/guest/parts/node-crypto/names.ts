import { assertInteger, assertObject, invalidArgument } from '../shared/node-error.ts';
import { callForText } from './data.ts';

interface CipherOptions {
  readonly ivLength?: number;
  readonly keyLength?: number;
}

/** What the host's OpenSSL has. */
export function names(kind: 'ciphers' | 'curves' | 'hashes'): string[] {
  return JSON.parse(callForText('crypto.names', [kind])) as string[];
}

export function getCiphers(): string[] {
  return names('ciphers');
}

export function getCurves(): string[] {
  return names('curves');
}

export function getCipherInfo(name: string | number, options?: CipherOptions): object | undefined {
  if (typeof name !== 'string' && typeof name !== 'number') {
    throw invalidArgument('nameOrNid', 'one of type string or number', name);
  }
  if (typeof name === 'number') assertInteger('nameOrNid', name, -(2 ** 31), 2 ** 31 - 1);
  if (options !== undefined) assertObject('options', options);
  const { ivLength, keyLength } = options ?? {};
  if (keyLength !== undefined) assertInteger('options.keyLength', keyLength, 0, 2 ** 32 - 1);
  if (ivLength !== undefined) assertInteger('options.ivLength', ivLength, 0, 2 ** 32 - 1);
  return (
    (JSON.parse(callForText('crypto.names', ['cipher', name, { ivLength, keyLength }])) as object | null) ?? undefined
  );
}

export function getFips(): 0 {
  return 0;
}

export function secureHeapUsed(): object {
  return { total: 0, used: 0, utilization: 0, min: 0 };
}
