/** What the engine has; TypeScript's own declaration of it comes with those of the DOM. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial?: number;
    minimum?: number;
    maximum?: number;
    shared?: boolean | undefined;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    grow(delta: number): number;
  }
  class Module {
    readonly [Symbol.toStringTag]: string;
    constructor(bytes: BufferSource);
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }
  class CompileError extends Error {}
  type Imports = Record<string, Record<string, unknown>>;
}

type BufferSource = ArrayBuffer | ArrayBufferView;
