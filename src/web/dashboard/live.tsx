import { ago, exactCount } from "./logic/format.ts";
import { useNow, type LiveState } from "./use-live.ts";

/** What happens now. */
export function LivePanel({ state }: { state: LiveState }) {
  const { live, isConnected, latest } = state;
  const now = useNow(5_000);
  const isOld = isConnected === false;
  return (
    <section class="card live" aria-label="Now, all videos">
      <p class={isOld ? "figure old" : "figure"}>
        <span class={isOld || live === undefined ? "dot" : "dot on"} />
        <strong data-live="viewers">{live ? exactCount(live.currentViewers) : "–"}</strong>
        <span class="muted">
          {live?.currentViewers === 1 ? "viewer" : "viewers"} in the last 5 minutes
        </span>
      </p>
      <p class={isOld ? "figure old" : "figure"}>
        <strong data-live="views">{live ? exactCount(live.views) : "–"}</strong>
        <span class="muted">views ever</span>
        {latest !== undefined && (
          // A new key draws it anew, which plays its animation again.
          <span class="latest" key={latest.time}>
            +{exactCount(latest.added)}{" "}
            <span class="muted">{ago(latest.time, Math.max(now, latest.time))}</span>
          </span>
        )}
      </p>
      <output class="muted connection">{isOld ? "Reconnecting…" : ""}</output>
    </section>
  );
}
