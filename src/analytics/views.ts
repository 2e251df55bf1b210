import type { LogViewRequest } from "../../gen/analytics/v1/ingestion_pb.js";
import type { NewView } from "../log/log.ts";
import { wholeMs } from "../time.ts";
import { newUuid } from "../uuid.ts";
import type { Bots } from "./bots.ts";

/** What is known of views beside what they say. */
export interface ViewContext {
  /** When they came, in milliseconds since 1970: when those began that do not say it. */
  readonly now: number;
  /** The country, the device and the User-Agent of those that name none; "" for not known. */
  readonly country: string;
  readonly device: string;
  readonly userAgent: string;
  /** What tells bots from people; undefined if all are taken for people. */
  readonly bots: Bots | undefined;
}

/** The view that a request is about, which keeps the rules. One without an id gets one. */
export function viewOf(request: LogViewRequest, context: ViewContext): NewView {
  const { startTime, watchDuration, progress } = request;
  return {
    viewId: request.viewId === "" ? newUuid() : request.viewId,
    video: request.videoName,
    viewer: request.viewerId,
    time: startTime === undefined ? context.now : wholeMs(startTime),
    watchMs: watchDuration === undefined ? 0 : wholeMs(watchDuration),
    progress: progress === undefined ? -1 : thousandths(progress),
    country: request.country === "" ? context.country : request.country.toUpperCase(),
    device: request.device === "" ? context.device : request.device,
    referrer: request.referrer,
    properties: canonicalProperties(request.properties),
    bot: context.bots?.has(request.userAgent || context.userAgent) ?? false,
  };
}

/**
 * A share from 0 to 1, cut off to the thousandth. A share that was written with
 * three digits is that many thousandths, though most such numbers are a little
 * more or less than they are written.
 */
export function thousandths(share: number): number {
  const near = Math.round(share * 1_000);
  // Of -0, which is a share too, it is 0.
  return Math.max(0, near / 1_000 > share ? near - 1 : near);
}

/**
 * Properties as the log has them: a JSON object by the order of the names, so
 * that equal ones are equal texts; "" for none.
 */
export function canonicalProperties(properties: Readonly<Record<string, string>>): string {
  // An object has names such as "7" first: so it cannot be sorted itself.
  const names = Object.keys(properties);
  if (names.length === 0) return "";
  if (names.length > 1) names.sort();
  let json = "{";
  for (const name of names) {
    json += `${json === "{" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(properties[name])}`;
  }
  return `${json}}`;
}
