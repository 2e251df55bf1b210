/**
 * What was shown on a page, so that it is there at once when one comes back to
 * it: the latest of each key, and the last {@link MOST} keys.
 */
const remembered = new Map<string, unknown>();
const MOST = 40;

/** What was kept under a key; a key is always of the same type. */
export function recall<T>(key: string): T | undefined {
  return remembered.get(key) as T | undefined;
}

/** Keeps something under a key, in the place of what was there. */
export function remember(key: string, value: unknown): void {
  remembered.delete(key);
  remembered.set(key, value);
  const [oldest] = remembered.keys();
  if (remembered.size > MOST && oldest !== undefined) remembered.delete(oldest);
}

/** Forgets everything: what the server has is something else now. */
export function forgetAll(): void {
  remembered.clear();
}
