/**
 * Keys, agreements, certificates and primes of `node:crypto`, for guests. Guards against work that takes long: while a guest waits, so does this
 * thread, so each call has a bound on the sizes of its numbers; longer ones are operations on other threads.
 */
import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { keyOf, parse, textOrNothing } from './node-crypto.ts';
import { atMost, type HostHandles, OperationError, type OperationResult } from './operation.ts';

const maxSyncModulusBits = 2_048;
const maxModulusBits = 4_096;
/** A safe prime is a rare one: its search takes far longer than that of a prime. */
const maxPrimeBits = 1_024;
const maxSafePrimeBits = 256;
const maxCheckedBits = 1_024;
const maxChecks = 64;
/** That a prime is one is checked when the exchange is made: 30 ms of this thread for one of this size, 200 ms for one twice as long. */
const maxOwnGroupBits = 1_024;
const groups = ['modp1', 'modp2', 'modp5', 'modp14', 'modp15', 'modp16'];
const keyTypes = ['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'x25519', 'x448'];
const quickTypes = new Set(keyTypes.slice(2));
const maxCertificateBytes = 64 * 1024;

type Generate = (type: string, options: object) => Promise<{ publicKey: string; privateKey: string }>;
const generateLater = promisify(crypto.generateKeyPair) as unknown as Generate;
const generateNow = crypto.generateKeyPairSync as unknown as (
  ...args: Parameters<Generate>
) => Awaited<ReturnType<Generate>>;

/** @param text JSON of the type and its options. The result is JSON of both keys in PEM. */
export function generateKeysSync(_handles: HostHandles, text: string): OperationResult {
  const [type, options] = keyRequest(text, maxSyncModulusBits);
  return JSON.stringify(generateNow(type, options));
}

export async function generateKeys(_handles: HostHandles, text: string): Promise<OperationResult> {
  const [type, options] = keyRequest(text, maxModulusBits);
  return JSON.stringify(await generateLater(type, options));
}

function keyRequest(text: string, mostBits: number): [type: string, options: object] {
  const [type, given] = parse(text, undefined);
  if (typeof type !== 'string' || !keyTypes.includes(type)) {
    throw new OperationError('TypeError', `keys of type ${String(type)} are not made here; use ${keyTypes.join(', ')}`);
  }
  const publicKeyEncoding = { type: 'spki', format: 'pem' };
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' };
  const options: Record<string, unknown> = { publicKeyEncoding, privateKeyEncoding };
  const { hashAlgorithm, mgf1HashAlgorithm, modulusLength, namedCurve, publicExponent, saltLength } = (given ??
    {}) as Record<string, unknown>;
  if (type === 'ec') return [type, { ...options, namedCurve, paramEncoding: 'named' }];
  if (quickTypes.has(type)) return [type, options];
  if (publicExponent !== undefined && publicExponent !== 65_537 && publicExponent !== 3) {
    throw new OperationError('RangeError', `publicExponent is ${String(publicExponent)}; use 65537 or 3`);
  }
  Object.assign(options, { modulusLength: atMost('modulusLength', Number(modulusLength), mostBits) });
  if (publicExponent !== undefined) options['publicExponent'] = publicExponent;
  if (type === 'rsa-pss') {
    if (typeof hashAlgorithm === 'string') options['hashAlgorithm'] = hashAlgorithm;
    if (typeof mgf1HashAlgorithm === 'string') options['mgf1HashAlgorithm'] = mgf1HashAlgorithm;
    if (typeof saltLength === 'number') options['saltLength'] = saltLength;
  }
  return [type, options];
}

/** @param text JSON of a private and a public key in PEM. */
export function agreeOnSecret(_handles: HostHandles, text: string): OperationResult {
  const [privateKey, publicKey] = parse(text, undefined);
  return crypto.diffieHellman({
    privateKey: keyOf(true, { key: String(privateKey) }),
    publicKey: keyOf(false, { key: String(publicKey) }),
  });
}

/** @param text JSON of what to do, the key in PEM, the padding, and the hash and the label (Base64) of OAEP, or null. */
export function useRsa(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [action, pem, padding, oaepHash, label] = parse(text, data);
  const run = typeof action === 'string' && Object.hasOwn(rsaActions, action) ? rsaActions[action] : undefined;
  if (run === undefined) return undefined;
  const [isPrivate, apply] = run;
  const key = {
    key: keyOf(isPrivate, { key: String(pem) }),
    ...(typeof padding === 'number' && { padding }),
    ...(typeof oaepHash === 'string' && { oaepHash }),
    ...(typeof label === 'string' && { oaepLabel: Buffer.from(label, 'base64') }),
  };
  return apply(key, data ?? new Uint8Array());
}

type ApplyKey = (key: crypto.RsaPrivateKey, data: Uint8Array) => Buffer;
const rsaActions: Readonly<Record<string, readonly [isPrivate: boolean, apply: ApplyKey]>> = {
  publicEncrypt: [false, crypto.publicEncrypt as ApplyKey],
  privateDecrypt: [true, crypto.privateDecrypt as ApplyKey],
  privateEncrypt: [true, crypto.privateEncrypt as ApplyKey],
  publicDecrypt: [false, crypto.publicDecrypt as ApplyKey],
};

/** @param text JSON of the name of a group, or of null and the generator; a prime is the data. The result is JSON of number, prime and generator. */
export function openExchange(handles: HostHandles, text: string, prime: Uint8Array | undefined): OperationResult {
  const [group, generator] = parse(text, prime);
  const exchange = exchangeOf(group, generator, prime);
  const { verifyError } = exchange;
  return JSON.stringify([
    handles.add(new Exchange(exchange)),
    exchange.getPrime('base64'),
    exchange.getGenerator('base64'),
    verifyError,
  ]);
}

class Exchange {
  readonly exchange: crypto.DiffieHellman | crypto.DiffieHellmanGroup | crypto.ECDH;

  constructor(exchange: crypto.DiffieHellman | crypto.DiffieHellmanGroup | crypto.ECDH) {
    this.exchange = exchange;
  }
}

function exchangeOf(
  group: unknown,
  generator: unknown,
  prime: Uint8Array | undefined,
): crypto.DiffieHellman | crypto.DiffieHellmanGroup {
  if (typeof group === 'string') {
    if (!groups.includes(group)) {
      throw Object.assign(new OperationError('Error', `Unknown DH group; there are ${groups.join(', ')}`), {
        code: 'ERR_CRYPTO_UNKNOWN_DH_GROUP',
      });
    }
    return crypto.getDiffieHellman(group);
  }
  if (typeof group === 'number')
    return crypto.createDiffieHellman(atMost('primeLength', group, maxSafePrimeBits), Number(generator ?? 2));
  const bytes = prime ?? new Uint8Array();
  atMost('the prime, in bits,', bytes.length * 8, maxOwnGroupBits);
  return typeof generator === 'string'
    ? crypto.createDiffieHellman(bytes, Buffer.from(generator, 'base64'))
    : crypto.createDiffieHellman(bytes, Number(generator ?? 2));
}

/** @param text JSON of the name of the curve. */
export function openCurve(handles: HostHandles, text: string): OperationResult {
  const [curve] = parse(text, undefined);
  return String(handles.add(new Exchange(crypto.createECDH(String(curve)))));
}

/** @param text JSON of the number, what to do, and the form of a public key or null; the data is a key. */
export function useExchange(handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [id, action, form] = parse(text, data);
  const { exchange } = handles.get(id, Exchange);
  const bytes = data ?? new Uint8Array();
  switch (action) {
    case 'generateKeys':
      return exchange.generateKeys();
    case 'computeSecret':
      return exchange.computeSecret(bytes);
    case 'getPrivateKey':
      return exchange.getPrivateKey();
    case 'getPublicKey':
      return 'verifyError' in exchange
        ? exchange.getPublicKey()
        : exchange.getPublicKey(null as never, (form ?? 'uncompressed') as 'compressed');
    case 'setPrivateKey':
      (exchange as crypto.ECDH).setPrivateKey(bytes);
      return '';
    case 'setPublicKey':
      (exchange as crypto.DiffieHellman).setPublicKey(bytes);
      return '';
    default:
      return undefined;
  }
}

/** @param text JSON of the curve and the form that is wanted; the data is the key. */
export function convertPoint(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [curve, form] = parse(text, data);
  const point = crypto.ECDH.convertKey(
    data ?? new Uint8Array(),
    String(curve),
    undefined,
    undefined,
    form as 'compressed',
  );
  return Buffer.from(point as unknown as Uint8Array);
}

/** @param text JSON of the size in bits, whether it is to be safe, and the hexadecimal digits of `add` and `rem` or null. */
export function makePrime(_handles: HostHandles, text: string): OperationResult {
  const [size, safe, add, rem] = parse(text, undefined);
  const bits = atMost('size', Number(size), safe === true ? maxSafePrimeBits : maxPrimeBits);
  const options = {
    safe: safe === true,
    ...(typeof add === 'string' && { add: numberOf(add, bits) }),
    ...(typeof rem === 'string' && { rem: numberOf(rem, bits) }),
  };
  return new Uint8Array(crypto.generatePrimeSync(bits, options));
}

/** Only that a number fits: a search among multiples of a large one may have no end. */
function numberOf(digits: string, bits: number): bigint {
  atMost('add or rem, in bits,', digits.length * 4, Math.floor(bits / 2));
  return BigInt(`0x${digits}`);
}

/** @param text JSON of the number of checks; the data is the candidate. */
export function testPrime(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [checks] = parse(text, data);
  const candidate = data ?? new Uint8Array();
  atMost('the candidate, in bits,', candidate.length * 8, maxCheckedBits);
  return crypto.checkPrimeSync(candidate, { checks: atMost('checks', Number(checks), maxChecks) }) ? '1' : '0';
}

/** What a certificate says, as JSON. The data is the certificate, in PEM or DER. */
export function readCertificate(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  parse(text, data);
  const certificate = certificateOf(data);
  const { ca, fingerprint, fingerprint256, fingerprint512, infoAccess, issuer, keyUsage, serialNumber } = certificate;
  const { signatureAlgorithm, signatureAlgorithmOid } = certificate as unknown as Record<string, unknown>;
  const { subject, subjectAltName, validFrom, validTo } = certificate;
  return JSON.stringify({
    pem: certificate.toString(),
    legacy: legacyOf(certificate),
    publicKey: certificate.publicKey.export({ type: 'spki', format: 'pem' }),
    shown: {
      ca,
      fingerprint,
      fingerprint256,
      fingerprint512,
      infoAccess,
      issuer,
      keyUsage,
      serialNumber,
      signatureAlgorithm,
      signatureAlgorithmOid,
      subject,
      subjectAltName,
      validFrom,
      validTo,
    },
  });
}

/** Bytes are told by their Base64. */
function legacyOf(certificate: crypto.X509Certificate): object {
  const entries = Object.entries(certificate.toLegacyObject()).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? { $: Buffer.from(value).toString('base64') } : (value as unknown),
  ]);
  return Object.fromEntries(entries) as object;
}

/** @param text JSON of a check and its argument: a name, an address, another certificate or a key. */
export function checkCertificate(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [check, argument, options] = parse(text, data);
  const certificate = certificateOf(data);
  const value = String(argument);
  const given = (options ?? {}) as object;
  switch (check) {
    case 'checkHost':
      return JSON.stringify(certificate.checkHost(value, given) ?? null);
    case 'checkEmail':
      return JSON.stringify(certificate.checkEmail(value, given as never) ?? null);
    case 'checkIP':
      return JSON.stringify(certificate.checkIP(value) ?? null);
    case 'checkIssued':
      return JSON.stringify(certificate.checkIssued(new crypto.X509Certificate(value)));
    case 'checkPrivateKey':
      return JSON.stringify(certificate.checkPrivateKey(keyOf(true, { key: value })));
    case 'verify':
      return JSON.stringify(certificate.verify(keyOf(false, { key: value })));
    default:
      return undefined;
  }
}

function certificateOf(data: Uint8Array | undefined): crypto.X509Certificate {
  const bytes = data ?? new Uint8Array();
  atMost('the certificate, in bytes,', bytes.length, maxCertificateBytes);
  return new crypto.X509Certificate(bytes);
}

/** Of a signed public key and challenge. @param text JSON of what to do. */
export function useSpkac(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [action] = parse(text, data);
  const bytes = data ?? new Uint8Array();
  atMost('the key and challenge, in bytes,', bytes.length, maxCertificateBytes);
  switch (action) {
    case 'verifySpkac':
      return crypto.Certificate.verifySpkac(bytes) ? '1' : '0';
    case 'exportPublicKey':
      return Buffer.from(crypto.Certificate.exportPublicKey(bytes));
    case 'exportChallenge':
      return Buffer.from(crypto.Certificate.exportChallenge(bytes));
    default:
      return undefined;
  }
}

/** What this host's OpenSSL has. @param text JSON of `ciphers`, `curves` or `hashes`, or of `cipher`, a name or number, and options. */
export function cryptoNames(_handles: HostHandles, text: string): OperationResult {
  const [kind, name, options] = parse(text, undefined);
  if (kind === 'ciphers') return JSON.stringify(crypto.getCiphers());
  if (kind === 'curves') return JSON.stringify(crypto.getCurves());
  if (kind === 'hashes') return JSON.stringify(crypto.getHashes());
  if (kind !== 'cipher') return undefined;
  const { ivLength, keyLength } = (options ?? {}) as Record<string, unknown>;
  const given = {
    ...(typeof keyLength === 'number' && { keyLength }),
    ...(typeof ivLength === 'number' && { ivLength }),
  };
  return JSON.stringify(
    crypto.getCipherInfo(typeof name === 'number' ? name : (textOrNothing(name) as string), given) ?? null,
  );
}
