/** Chunks below this are joined with their neighbours: bytes. */
const smallBytes = 4_096;

/**
 * Adds a chunk to those that came before it. Small ones are joined, each byte a
 * few times at most: a client may send a message in chunks of one byte, and each
 * chunk that is kept takes a hundred bytes besides its own.
 */
export function addChunk(chunks: Buffer[], chunk: Buffer): void {
  let last = chunk;
  while (last.byteLength < smallBytes) {
    const before = chunks.at(-1);
    if (before === undefined || before.byteLength > last.byteLength) break;
    chunks.pop();
    last = Buffer.concat([before, last]);
  }
  chunks.push(last);
}
