/** The property that marks items and views of the sample. */
export const MARK = "sample";
/** Its value, once all of the sample is there. */
export const LOADED = "true";

const LOADING = "loading since ";

/**
 * The value that it has on items until all of the sample is there. It keeps when
 * the sample was begun, so that another call goes on with the same one.
 *
 * @param since milliseconds since 1970.
 */
export function loadingMark(since: number): string {
  return LOADING + new Date(since).toISOString();
}

/** When the sample was begun that a mark is of; undefined for any other value. */
export function loadingSince(mark: string | undefined): number | undefined {
  if (mark?.startsWith(LOADING) !== true) return undefined;
  const since = Date.parse(mark.slice(LOADING.length));
  return Number.isNaN(since) ? undefined : since;
}
