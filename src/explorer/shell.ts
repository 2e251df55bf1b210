/** A text as one word of a POSIX shell, whatever is in it. NUL has no place in words. */
export function quoted(text: string): string {
  if (/^[\w/:.,@%+-][\w/:.,@%+=-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The words of a command, in lines that a shell reads as one. */
export function commandOf(...lines: readonly (readonly string[])[]): string {
  return lines.map((words) => words.map(quoted).join(" ")).join(" \\\n  ");
}
