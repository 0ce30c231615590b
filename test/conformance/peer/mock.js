/** The part of `node:test` that workerd's tests use: functions that remember their calls. */
function fn(original = () => {}, replacement = original) {
  const calls = [];
  const once = new Map();
  let current = replacement;
  function mocked(...args) {
    const index = calls.length;
    const call = { arguments: args, result: undefined, error: undefined, this: this };
    calls.push(call);
    const run = once.get(index) ?? current;
    once.delete(index);
    try {
      call.result = new.target === undefined ? run.apply(this, args) : Reflect.construct(run, args);
    } catch (thrown) {
      call.error = thrown;
      throw thrown;
    }
    return call.result;
  }
  mocked.mock = {
    calls,
    callCount: () => calls.length,
    mockImplementation: (next) => void (current = next),
    mockImplementationOnce: (next, index = calls.length) => void once.set(index, next),
    resetCalls: () => void (calls.length = 0),
    restore: () => void (current = original),
  };
  return mocked;
}

function replace(object, name, kind, implementation) {
  let owner = object;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  const descriptor = Object.getOwnPropertyDescriptor(owner ?? object, name);
  const mocked = fn(descriptor[kind], implementation ?? descriptor[kind]);
  Object.defineProperty(object, name, { ...descriptor, configurable: true, [kind]: mocked });
  mocked.mock.restore = () => Object.defineProperty(object, name, descriptor);
  return mocked;
}

export const mock = {
  fn,
  method: (object, name, implementation) => replace(object, name, 'value', implementation),
  getter: (object, name, implementation) => replace(object, name, 'get', implementation),
  setter: (object, name, implementation) => replace(object, name, 'set', implementation),
  reset() {},
};
