import { callForText } from './data.ts';

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

export function getCipherInfo(name: string | number, options: object = {}): object | undefined {
  return (JSON.parse(callForText('crypto.names', ['cipher', name, options])) as object | null) ?? undefined;
}

export function getFips(): 0 {
  return 0;
}

export function secureHeapUsed(): object {
  return { total: 0, used: 0, utilization: 0, min: 0 };
}
