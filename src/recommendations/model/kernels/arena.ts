import { newMemory, PAGE, type SharedMemory } from "./webassembly.ts";

const ALIGNMENT = 16;

/** A memory that threads share, handed out from its beginning to its end. */
export class Arena {
  readonly memory: SharedMemory;
  #end: number;

  /**
   * @param memory Default: a new one.
   * @param end Where what is handed out begins.
   */
  constructor(memory: SharedMemory = newMemory(PAGE), end: number = ALIGNMENT) {
    this.memory = memory;
    this.#end = end;
  }

  /** Where the next block will begin; for {@link release}. */
  get end(): number {
    return this.#end;
  }

  /**
   * A block of 32-bit elements, by its pointer. It is 0 where nothing was before.
   * @throws RangeError beyond 4 GiB.
   */
  alloc(elements: number): number {
    const pointer = this.#end;
    this.#end = Math.ceil((pointer + 4 * elements) / ALIGNMENT) * ALIGNMENT;
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return pointer;
  }

  /** Takes back all that was handed out since `end` was this. */
  release(end: number): void {
    this.#end = end;
  }

  f32(pointer: number, length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  u32(pointer: number, length: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }
}

/** The next multiple of four: rows of the kernels have such lengths. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
