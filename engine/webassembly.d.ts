/**
 * The part of the WebAssembly JavaScript interface that the engine uses. Node and browsers both have it; TypeScript
 * declares it in its DOM library alone, which the engine may not see.
 * Source: https://www.w3.org/TR/wasm-js-api-2/
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: BufferSource);
    readonly [Symbol.toStringTag]: string;
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    /** A SharedArrayBuffer where the memory is shared. */
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    /** Adds pages of 64 KiB; returns how many there were. Throws a RangeError where they cannot be had. */
    grow(pages: number): number;
  }

  class Global {
    value: unknown;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  /** Sizes in pages of 64 KiB. */
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }

  type BufferSource = ArrayBuffer | SharedArrayBuffer | ArrayBufferView;
  type ExportValue = ((...values: never[]) => unknown) | Global | Memory;
  type Exports = Readonly<Record<string, ExportValue>>;
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  function validate(bytes: BufferSource): boolean;
  function compile(bytes: BufferSource): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
