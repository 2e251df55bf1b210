/**
 * The little of WebAssembly that is used here. The types that Node.js comes with
 * leave it out, and those of browsers have much else that is not there.
 */

/** A memory that threads share; can be posted to them. */
export interface SharedMemory {
  /** Another object after each {@link grow}; the ones before keep their length. */
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KiB, of zeros. @throws RangeError beyond its maximum. */
  grow(pages: number): number;
}

/** Code, compiled. */
export type Code = object;

interface Runtime {
  readonly Memory: new (options: {
    initial: number;
    maximum: number;
    shared: true;
  }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => Code;
  readonly Instance: new (
    code: Code,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: unknown };
}

const runtime = (globalThis as unknown as { WebAssembly: Runtime }).WebAssembly;

/** How many bytes a page has. */
export const PAGE = 65_536;
/** What a memory can have: 4 GiB. */
const MAX_PAGES = 65_536;

/** A memory of zeros, of at least so many bytes. */
export function newMemory(bytes: number): SharedMemory {
  const initial = Math.max(1, Math.ceil(bytes / PAGE));
  return new runtime.Memory({ initial, maximum: MAX_PAGES, shared: true });
}

/** Compiles code, at once. */
export function compile(bytes: Uint8Array<ArrayBuffer>): Code {
  return new runtime.Module(bytes);
}

/** What the code exports, working on a memory. */
export function instantiate(code: Code, memory: SharedMemory): unknown {
  return new runtime.Instance(code, { env: { memory } }).exports;
}
