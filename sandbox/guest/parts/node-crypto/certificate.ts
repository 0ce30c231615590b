import { buffers, bytesOf, callForText, nodeError, type NodeBuffer } from './data.ts';
import { createPublicKey, KeyObject, pemOf } from './keys.ts';

interface Fields {
  readonly pem: string;
  readonly publicKey: string;
  readonly legacy: Record<string, unknown>;
  readonly shown: Readonly<Record<string, unknown>>;
}

export class X509Certificate {
  readonly #fields: Fields;

  constructor(certificate: unknown) {
    this.#fields = JSON.parse(
      callForText(
        'certificate.read',
        [],
        bytesOf(certificate, 'utf8', 'buffer', 'of type string or an instance of Buffer, TypedArray, or DataView'),
      ),
    ) as Fields;
  }

  get publicKey(): KeyObject {
    return createPublicKey(this.#fields.publicKey);
  }
  get raw(): NodeBuffer {
    return buffers().from(this.#fields.pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  }
  get validFromDate(): Date {
    return new Date(`${this.#fields.shown['validFrom'] as string}`);
  }
  get validToDate(): Date {
    return new Date(`${this.#fields.shown['validTo'] as string}`);
  }
  get issuerCertificate(): undefined {
    return undefined;
  }

  checkHost(name: string, options?: object): string | undefined {
    return this.#check('checkHost', name, options) as string | undefined;
  }
  checkEmail(address: string, options?: object): string | undefined {
    return this.#check('checkEmail', address, options) as string | undefined;
  }
  checkIP(address: string): string | undefined {
    return this.#check('checkIP', address) as string | undefined;
  }
  checkIssued(other: X509Certificate): boolean {
    if (typeof other === 'object' && other !== null && #fields in other) {
      return this.#check('checkIssued', other.#fields.pem) as boolean;
    }
    throw nodeError('ERR_INVALID_ARG_TYPE', 'The "otherCert" argument must be an instance of X509Certificate');
  }
  checkPrivateKey(key: KeyObject): boolean {
    return this.#check('checkPrivateKey', pemOfKey(key, 'private')) as boolean;
  }
  verify(key: KeyObject): boolean {
    return this.#check('verify', pemOfKey(key, 'public')) as boolean;
  }

  toString(): string {
    return this.#fields.pem;
  }
  toJSON(): string {
    return this.#fields.pem;
  }
  toLegacyObject(): object {
    const entries = Object.entries(this.#fields.legacy).map(([name, value]) => {
      const bytes = (value as { $?: string } | null)?.$;
      return [name, typeof bytes === 'string' ? buffers().from(bytes, 'base64') : value] as const;
    });
    return Object.fromEntries(entries);
  }

  static {
    const names = [
      'ca',
      'fingerprint',
      'fingerprint256',
      'fingerprint512',
      'infoAccess',
      'issuer',
      'keyUsage',
      'serialNumber',
      'signatureAlgorithm',
      'signatureAlgorithmOid',
      'subject',
      'subjectAltName',
      'validFrom',
      'validTo',
    ];
    for (const name of names) {
      Object.defineProperty(this.prototype, name, {
        configurable: true,
        enumerable: true,
        get(this: X509Certificate) {
          return this.#fields.shown[name];
        },
      });
    }
  }

  #check(check: string, argument: unknown, options: object = {}): unknown {
    if (typeof argument !== 'string') {
      throw nodeError('ERR_INVALID_ARG_TYPE', `${check} takes a text, and not ${typeof argument}`);
    }
    const args = [check, argument, options];
    return JSON.parse(callForText('certificate.check', args, bytesOf(this.#fields.pem, 'utf8', 'pem'))) ?? undefined;
  }
}

function pemOfKey(key: unknown, kind: 'private' | 'public'): string {
  if (!(key instanceof KeyObject)) {
    throw nodeError('ERR_INVALID_ARG_TYPE', 'The "pkey" argument must be an instance of KeyObject');
  }
  if (key.type !== kind) throw nodeError('ERR_INVALID_ARG_VALUE', `The argument 'pkey' is invalid: it is ${key.type}`);
  return pemOf(kind, key);
}
