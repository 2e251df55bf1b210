import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLatest } from "../use-latest.ts";
import { useArrival, useTitle } from "./navigation.ts";
import { failureText } from "./words.ts";

/**
 * The heading of a page. It names the page in the browser, and gets the focus
 * when one comes from another page, so that a screen reader reads it.
 */
export function Heading({ children, title }: { children: ComponentChildren; title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrival = useLatest(useArrival());
  useTitle(title);
  useEffect(() => {
    if (arrival.current !== "load") heading.current?.focus({ preventScroll: true });
  }, [arrival]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Says that something failed, and offers to try again. */
export function Failure({
  what,
  error,
  again,
}: {
  /** What is missing now, such as "The shelves could not be loaded." */
  what: string;
  error: unknown;
  again: () => void;
}) {
  return (
    <div class="notice failure" role="alert">
      <p>
        {what} <span class="muted">{failureText(error)}</span>
      </p>
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** Tells screen readers what changed, and nobody else. */
export function Status({ children }: { children: ComponentChildren }) {
  return (
    <p class="visually-hidden" role="status">
      {children}
    </p>
  );
}

/** Asks for the next page of a list; nothing on the last one. */
export function More({
  pages,
  what,
  hasSome,
}: {
  /** Whether any are there yet. */
  hasSome: boolean;
  pages: { hasMore: boolean; isLoading: boolean; error: unknown; more: () => void };
  /** What there is more of, such as "books of this category". */
  what: string;
}) {
  if (pages.error !== undefined) {
    return (
      <Failure
        what={`${hasSome ? "More" : "The"} ${what} could not be loaded.`}
        error={pages.error}
        again={pages.more}
      />
    );
  }
  if (!pages.hasMore) return null;
  return (
    <p class="more">
      <button type="button" class="button" onClick={pages.more} disabled={pages.isLoading}>
        {pages.isLoading ? "Loading…" : "Show more"}
      </button>
    </p>
  );
}
