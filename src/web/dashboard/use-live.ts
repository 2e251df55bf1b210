import { useEffect, useRef, useState } from "preact/hooks";
import { marqueeOverGrpcWeb } from "./client.ts";
import { connectionAfter, followCounts, type Connection, type Live } from "./logic/live-feed.ts";
import { pace } from "./logic/pace.ts";

/** What the page knows of now. */
export interface LiveState extends Connection {
  /** Undefined before the first counts. */
  readonly live: Live | undefined;
  /** The views that came last, and when. */
  readonly latest: { readonly added: number; readonly time: number } | undefined;
}

/** Follows the counts of all videos, while the page is looked at. */
export function useLive(): LiveState {
  const [state, setState] = useState<LiveState>({
    live: undefined,
    isConnected: undefined,
    returns: 0,
    latest: undefined,
  });
  useEffect(() => {
    let end = new AbortController();
    const follow = (): void => {
      end.abort();
      if (document.hidden) return;
      end = new AbortController();
      const { signal } = end;
      void followCounts({
        signal,
        open: (ended) => marqueeOverGrpcWeb.analytics.watchViews({}, { signal: ended }),
        onConnection: (isConnected) => setState((old) => connectionAfter(old, isConnected)),
        onCounts: (live) =>
          setState((old) => {
            const added = live.views - (old.live?.views ?? live.views);
            const latest = added > 0 ? { added, time: Date.now() } : old.latest;
            return { ...old, live, latest };
          }),
      });
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      end.abort();
    };
  }, []);
  return state;
}

/**
 * A number that grows some time after the log has, so that panels ask again: at
 * once after a calm time, and never more often than every ten seconds; less often
 * where answers take long.
 */
export function useRefresh(position: bigint | undefined, isWanted: boolean): number {
  const [tick, setTick] = useState(0);
  const earliest = useRef(0);
  const asked = useRef<bigint | undefined>(undefined);
  useEffect(() => {
    if (position === undefined) return;
    // The first counts are as old as the first answers.
    asked.current ??= position;
    if (!isWanted || asked.current === position) return;
    const timer = setTimeout(
      () => {
        asked.current = position;
        earliest.current = Date.now() + pace.next();
        setTick((old) => old + 1);
      },
      // What was just logged is in the columns within 300 ms.
      Math.max(500, earliest.current - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [position, isWanted]);
  return tick;
}

/** The time, to the minute or so. */
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
