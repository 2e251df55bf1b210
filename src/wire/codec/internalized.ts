/**
 * A name as V8 has it for properties, of which there is one for each text: it is
 * found and compared without a look at its characters.
 */
export function internalized(name: string): string {
  return Object.keys({ [name]: undefined })[0] ?? name;
}
