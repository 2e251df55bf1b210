/**
 * A new random id: a UUID, version 4. `crypto.randomUUID` is there on https and
 * localhost only; a storefront on the local network is neither.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const fixed = bytes.map((byte, at) => {
    if (at === 6) return 0x40 | (byte & 0x0f);
    if (at === 8) return 0x80 | (byte & 0x3f);
    return byte;
  });
  const hex = Array.from(fixed, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
