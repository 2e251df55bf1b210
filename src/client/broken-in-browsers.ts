/**
 * How messages of errors begin that fetch throws without a server, or when its
 * answer breaks off: in Chromium, Firefox and Safari.
 */
const BEGINNINGS = [
  ...["Failed to fetch", "network error"],
  ...["NetworkError when attempting to fetch resource", "Error in input stream"],
  ...["Load failed", "The network connection was lost"],
];

/** Whether a browser says by an error that there was no server, or no longer. */
export function isBrokenInBrowser(error: unknown): boolean {
  return error instanceof TypeError && BEGINNINGS.some((start) => error.message.startsWith(start));
}
