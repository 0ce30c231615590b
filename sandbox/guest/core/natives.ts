/** Globals of the engine that parts replace by something of the same name; taken before user code can have changed them. */
const natives = { WebAssembly: globalThis.WebAssembly } as const;

export function takeNative<K extends keyof typeof natives>(name: K): (typeof natives)[K] {
  return natives[name];
}
