/** The operations beside those that the bridge itself has: by name, each with what it needs. */
import { failureText, type HostHandles, type OperationResult } from './operation.ts';
import {
  copyHash,
  deriveLater,
  deriveSync,
  digestHash,
  exportKey,
  openCipher,
  openHash,
  readKey,
  signData,
  updateHash,
  useCipher,
  verifyData,
} from './node-crypto.ts';
import { makeCryptoKey, readCryptoKey } from './crypto-keys.ts';
import {
  agreeOnSecret,
  checkCertificate,
  convertPoint,
  cryptoNames,
  generateKeys,
  generateKeysSync,
  makePrime,
  openCurve,
  openExchange,
  readCertificate,
  testPrime,
  useExchange,
  useRsa,
  useSpkac,
} from './node-keys.ts';
import { quickSubtle } from './quick-subtle.ts';
import { subtleOperation, subtleSupports } from './subtle.ts';
import { closeZlib, openZlib, writeZlib, zlibOnce } from './zlib.ts';

export { HostHandles, maxHandles, type OperationResult } from './operation.ts';

type Operation<R> = (handles: HostHandles, text: string, data: Uint8Array | undefined) => R;

/** The guest waits for these. Most take microseconds; all have a bound. */
const synchronous: Readonly<Record<string, Operation<OperationResult>>> = {
  'certificate.check': checkCertificate,
  'certificate.read': readCertificate,
  'certificate.spkac': useSpkac,
  'cipher.open': openCipher,
  'cipher.use': useCipher,
  'crypto.names': cryptoNames,
  'curve.convert': convertPoint,
  'curve.open': openCurve,
  'derive.sync': deriveSync,
  'exchange.open': openExchange,
  'exchange.use': useExchange,
  'hash.copy': copyHash,
  'hash.digest': digestHash,
  'hash.open': openHash,
  'hash.update': updateHash,
  'key.agree': agreeOnSecret,
  'key.export': exportKey,
  'key.ofCryptoKey': readCryptoKey,
  'key.read': readKey,
  'key.toCryptoKey': makeCryptoKey,
  'keys.generate.sync': generateKeysSync,
  'prime.check': testPrime,
  'prime.make': makePrime,
  rsa: useRsa,
  sign: signData,
  'subtle.quick': quickSubtle,
  'subtle.supports': subtleSupports,
  verify: verifyData,
  'zlib.open': openZlib,
  'zlib.close': closeZlib,
  'zlib.once': zlibOnce,
};

/** These take longer, on other threads; while one is under way, its invocation is running, and pays for what it takes. */
const asynchronous: Readonly<Record<string, Operation<Promise<OperationResult>>>> = {
  derive: deriveLater,
  'keys.generate': generateKeys,
  subtle: subtleOperation,
  'zlib.write': writeZlib,
};

export function isLongOperation(name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(asynchronous, name);
}

/** The result, `undefined` for a refusal, or the text of a failure. Never throws. */
export function runOperation(handles: HostHandles, name: string, text: unknown, data: unknown): OperationResult {
  const operation = Object.hasOwn(synchronous, name) ? synchronous[name] : undefined;
  if (operation === undefined || typeof text !== 'string' || !isBytes(data)) return undefined;
  try {
    return operation(handles, text, data);
  } catch (thrown) {
    return failureText(thrown);
  }
}

/** What an asynchronous operation ends with, where it takes no longer than others and can be had at once. */
export function runQuickly(handles: HostHandles, name: unknown, text: unknown, data: unknown): OperationResult {
  return name === 'subtle' && typeof text === 'string' && isBytes(data) ? quickSubtle(handles, text, data) : undefined;
}

/** As `runOperation`, later. */
export async function runLongOperation(
  handles: HostHandles,
  name: string,
  text: unknown,
  data: unknown,
): Promise<OperationResult> {
  if (typeof text !== 'string' || !isBytes(data)) return undefined;
  try {
    return await asynchronous[name]!(handles, text, data);
  } catch (thrown) {
    return failureText(thrown);
  }
}

function isBytes(data: unknown): data is Uint8Array | undefined {
  return data === undefined || data instanceof Uint8Array;
}
