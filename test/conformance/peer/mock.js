/** The part of `node:test` that workerd's tests use: functions that remember their calls. */
class MockFunctionContext {
  #calls = [];
  #once = new Map();
  #implementation;
  #restore;
  #times;

  constructor(implementation, restore, times) {
    this.#implementation = implementation;
    this.#restore = restore;
    this.#times = times;
  }

  get calls() {
    return [...this.#calls];
  }

  callCount() {
    return this.#calls.length;
  }

  mockImplementation(implementation) {
    assertType(implementation, 'function', 'implementation');
    this.#implementation = implementation;
  }

  mockImplementationOnce(implementation, onCall = this.#calls.length) {
    assertType(implementation, 'function', 'implementation');
    assertInteger(onCall, this.#calls.length, 'onCall');
    this.#once.set(onCall, implementation);
  }

  restore() {
    const { descriptor, object, original, name } = this.#restore;
    if (name === undefined) this.#implementation = original;
    else Object.defineProperty(object, name, descriptor);
  }

  resetCalls() {
    this.#calls = [];
  }

  static run(context, target, call) {
    const index = context.#calls.length;
    const implementation = context.#once.get(index) ?? context.#implementation;
    context.#once.delete(index);
    if (index + 1 === context.#times) context.restore();
    const record = {
      arguments: call.list,
      error: undefined,
      result: undefined,
      stack: new Error('called'),
      target,
      this: call.receiver,
    };
    try {
      record.result = call.run(implementation);
      if (target !== undefined) record.this = record.result;
      return record.result;
    } catch (thrown) {
      record.error = thrown;
      throw thrown;
    } finally {
      context.#calls.push(record);
    }
  }
}

const { run } = MockFunctionContext;
const nothing = {};
const asItIs = () => {};
let made = [];

function proxyOf(original, context) {
  made.push(context);
  const proxy = new Proxy(original, {
    apply: (_original, receiver, list) =>
      run(context, undefined, { receiver, list, run: (chosen) => Reflect.apply(chosen, receiver, list) }),
    construct(_original, list, target) {
      const real = target === proxy ? original : target;
      return run(context, real, { receiver: undefined, list, run: (chosen) => Reflect.construct(chosen, list, real) });
    },
    get: (target, property, receiver) => (property === 'mock' ? context : Reflect.get(target, property, receiver)),
  });
  return proxy;
}

function fn(...given) {
  const options = given.find((value) => typeof value === 'object' && value !== null) ?? nothing;
  const functions = given.slice(0, given.includes(options) ? given.indexOf(options) : 2);
  const original = functions[0] ?? function () {};
  const implementation = functions[1] ?? original;
  assertType(original, 'function', 'original');
  assertType(implementation, 'function', 'implementation');
  const times = timesOf(options);
  return proxyOf(original, new MockFunctionContext(implementation, { original }, times));
}

function method(object, name, ...given) {
  if (typeof name !== 'string' && typeof name !== 'symbol')
    throw invalidType('methodName', 'one of type string or symbol');
  if (typeof object !== 'function' && (typeof object !== 'object' || object === null)) {
    throw invalidType('object', 'of type object');
  }
  const { implementation = asItIs, options } = split(given);
  assertType(implementation, 'function', 'implementation');
  const { getter = false, setter = false } = options;
  assertType(getter, 'boolean', 'options.getter');
  assertType(setter, 'boolean', 'options.setter');
  const times = timesOf(options);
  if (getter && setter) throw invalidValue('options.setter', "cannot be used with 'options.getter'");
  const kind = getter ? 'get' : setter ? 'set' : 'value';
  let owner = object;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  const descriptor = owner === null ? undefined : Object.getOwnPropertyDescriptor(owner, name);
  const original = descriptor?.[kind];
  if (typeof original !== 'function') throw invalidValue('methodName', 'must be a method');
  const context = new MockFunctionContext(
    implementation === asItIs ? original : implementation,
    { descriptor, object, name },
    times,
  );
  const mocked = proxyOf(original, context);
  Object.defineProperty(object, name, { ...descriptor, [kind]: mocked });
  return mocked;
}

function accessor(kind, object, name, given) {
  const { implementation, options } = split(given);
  if (options[kind] === false) throw invalidValue(`options.${kind}`, 'cannot be false');
  return method(object, name, implementation ?? asItIs, { ...options, [kind]: true });
}

function split(given) {
  if (typeof given[0] === 'object' && given[0] !== null) return { options: given[0] };
  return { implementation: given[0], options: given[1] ?? nothing };
}

function timesOf({ times = Infinity }) {
  if (times !== Infinity) assertInteger(times, 1, 'options.times');
  return times;
}

function assertType(value, type, name) {
  if (typeof value !== type) throw invalidType(name, `of type ${type}`);
}

function assertInteger(value, least, name) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number');
  if (!Number.isSafeInteger(value) || value < least) {
    const message = `The value of "${name}" is out of range. It must be >= ${least}. Received ${value}`;
    throw Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
  }
}

function invalidType(name, expected) {
  const message = `The "${name}" ${kindOf(name)} must be ${expected}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

function invalidValue(name, reason) {
  const message = `The ${kindOf(name)} '${name}' ${reason}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}

function kindOf(name) {
  return name.includes('.') ? 'property' : 'argument';
}

export const mock = {
  fn,
  method,
  getter: (object, name, ...given) => accessor('getter', object, name, given),
  setter: (object, name, ...given) => accessor('setter', object, name, given),
  restoreAll: () => made.forEach((context) => context.restore()),
  reset() {
    mock.restoreAll();
    made = [];
  },
};
