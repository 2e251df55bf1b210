import { create, toJsonString } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { LogViewRequestSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import { deviceOf, foreignReferrer } from "./device.ts";
import { newId } from "./ids.ts";
import { marquee } from "./marquee.ts";
import { WatchClock } from "./watch-clock.ts";

/** The bound of the contract: 7 days. */
const LONGEST_MS = 7 * 86_400_000;
const BEACON = `/${AnalyticsService.typeName}/${AnalyticsService.method.logView.name}`;

/**
 * Logs a view of an item: at once, and again under the same id, with how long
 * it was looked at, whenever the page is hidden or left. The server counts it
 * once, and keeps the longest time.
 *
 * @returns where the view is in the log, so that counts can be asked for that
 * have it; 0 if it could not be logged, and undefined until one of both is known.
 */
export function useLoggedView(itemId: string, viewerId: string): bigint | undefined {
  const [position, setPosition] = useState<bigint>();
  useEffect(() => {
    setPosition(undefined);
    // It begins when the server gets it: the clock of a browser may be wrong.
    const view = create(LogViewRequestSchema, {
      videoName: itemId,
      viewerId,
      viewId: newId(),
      device: deviceOf(matchMedia("(pointer: coarse)").matches, screen),
      referrer: firstReferrer(),
    });
    const clock = new WatchClock();
    const extend = (): void => {
      clock.stop();
      view.watchDuration = durationFromMs(Math.min(Math.round(clock.watchedMs), LONGEST_MS));
      // A beacon is sent even when the page is gone. It is the whole view, in
      // case that the first call did not get through.
      navigator.sendBeacon(BEACON, toJsonString(LogViewRequestSchema, view));
    };
    const onVisibility = (): void => {
      if (document.visibilityState === "visible") clock.start();
      else extend();
    };
    if (document.visibilityState === "visible") clock.start();
    document.addEventListener("visibilitychange", onVisibility);
    addEventListener("pagehide", extend);
    let isOpen = true;
    const known = (at: bigint): void => {
      if (isOpen) setPosition(at);
    };
    marquee.analytics.logView(view).then(
      (answer) => known(answer.position),
      // The item can be looked at all the same, and its beacon tries again.
      () => known(0n),
    );
    return () => {
      isOpen = false;
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("pagehide", extend);
      extend();
    };
  }, [itemId, viewerId]);
  return position;
}

let isFirst = true;

/** Only what is opened first was come to from elsewhere; document.referrer stays what it was. */
function firstReferrer(): string {
  const referrer = isFirst ? foreignReferrer(document.referrer, location.origin) : "";
  isFirst = false;
  return referrer;
}
