/** `node:util/types`, from the package util, with the types that it does not know. */
import util from 'util/util.js';
import { loadedPart } from '../core/facade.ts';

function isInstance(of: (new (...args: never[]) => object) | undefined, value: unknown): boolean {
  return of !== undefined && value instanceof of;
}

function isTypedArrayOf(name: string, value: unknown): boolean {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === `[object ${name}]`;
}

const { isWebAssemblyCompiledModule: _, ...types } = util.types;

export default {
  ...types,
  isCryptoKey: (value: unknown): boolean => isInstance(loadedPart('subtle')?.CryptoKey, value),
  /** Of C++ there is nothing in an isolate. */
  isExternal: (): boolean => false,
  isFloat16Array: (value: unknown): boolean => isTypedArrayOf('Float16Array', value),
  isKeyObject: (value: unknown): boolean => isInstance(loadedPart('node-crypto')?.KeyObject, value),
  isModuleNamespaceObject: (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Module]',
  isNativeError: (value: unknown): boolean => Error.isError(value),
  isPromise: (value: unknown): boolean => value instanceof Promise,
  /** Proxies cannot be told from what they stand for. */
  isProxy: (): boolean => false,
};
