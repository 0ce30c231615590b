/** https://webidl.spec.whatwg.org/#idl-DOMException */
import { defineInterface } from '../shared/interface.ts';

/** Names in the order of their legacy codes, 1 to 25; empty where a code has no name. */
const legacyNames = [
  'IndexSizeError',
  '',
  'HierarchyRequestError',
  'WrongDocumentError',
  'InvalidCharacterError',
  '',
  'NoModificationAllowedError',
  'NotFoundError',
  'NotSupportedError',
  'InUseAttributeError',
  'InvalidStateError',
  'SyntaxError',
  'InvalidModificationError',
  'NamespaceError',
  'InvalidAccessError',
  '',
  'TypeMismatchError',
  'SecurityError',
  'NetworkError',
  'AbortError',
  'URLMismatchError',
  'QuotaExceededError',
  'TimeoutError',
  'InvalidNodeTypeError',
  'DataCloneError',
] as const;

const constants = {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
} as const;

interface Fields {
  readonly name: string;
  readonly message: string;
}

/** Gives an object private fields, whatever made the object. */
class Stamp extends (function identity(object: object) {
  return object;
} as unknown as new (object: object) => object) {
  readonly #fields: Fields;

  constructor(object: object, fields: Fields) {
    super(object);
    this.#fields = fields;
  }

  static read(object: unknown): Fields {
    if (typeof object !== 'object' || object === null || !(#fields in object))
      throw new TypeError('Illegal invocation');
    return (object as Stamp).#fields;
  }
}

export class DOMException {
  /** An instance is a real Error (it has a stack, and `Error.isError` says so) whose name and message the prototype gives. */
  constructor(message: string = '', options: string | { name?: string; cause?: unknown } = 'Error') {
    const isOptions = typeof options === 'object' && options !== null;
    const text = `${message}`;
    const exception = Reflect.construct(Error, [text], new.target) as { message?: string };
    delete exception.message;
    const name = `${isOptions ? (options.name ?? 'Error') : options}`;
    new Stamp(exception, { name, message: text });
    if (isOptions && 'cause' in options) {
      Object.defineProperty(exception, 'cause', { configurable: true, writable: true, value: options.cause });
    }
    return exception as DOMException;
  }

  get name(): string {
    return Stamp.read(this).name;
  }
  get message(): string {
    return Stamp.read(this).message;
  }
  get code(): number {
    const { name } = Stamp.read(this);
    return name === '' ? 0 : (legacyNames as readonly string[]).indexOf(name) + 1;
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
for (const name of ['name', 'message', 'code']) {
  const descriptor = Object.getOwnPropertyDescriptor(DOMException.prototype, name)!;
  Object.defineProperty(DOMException.prototype, name, { ...descriptor, enumerable: true });
}
Object.defineProperty(DOMException.prototype, Symbol.toStringTag, { configurable: true, value: 'DOMException' });
for (const [name, value] of Object.entries(constants)) {
  Object.defineProperty(DOMException, name, { enumerable: true, value });
  Object.defineProperty(DOMException.prototype, name, { enumerable: true, value });
}

export interface QuotaExceededErrorOptions {
  quota?: number;
  requested?: number;
}

/** https://webidl.spec.whatwg.org/#quotaexceedederror */
export class QuotaExceededError extends DOMException {
  readonly #quota: number | null;
  readonly #requested: number | null;

  constructor(message: string = '', options: QuotaExceededErrorOptions = {}) {
    super(message, 'QuotaExceededError');
    const { quota, requested } = options ?? {};
    this.#quota = quantity(quota);
    this.#requested = quantity(requested);
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError("Failed to construct 'QuotaExceededError': requested is less than quota");
    }
  }

  get quota(): number | null {
    return this.#quota;
  }
  get requested(): number | null {
    return this.#requested;
  }
}

function quantity(value: unknown): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${number} is no quantity`);
  if (number < 0) throw new RangeError(`${number} is negative`);
  return number;
}

defineInterface(QuotaExceededError, 'QuotaExceededError');
