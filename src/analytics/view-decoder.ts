import type { NewView } from "../log/log.ts";
import { CLOCK_SKEW_MS, YEAR_2000_MS } from "../rules.ts";
import type { Reader } from "../wire/codec/reader.ts";
import { unusual } from "../wire/codec/unusual.ts";
import { MAX_CHARACTERS, MAX_PROPERTIES, MAX_WATCH_DAYS } from "./ingestion-rules.ts";
import { canonicalProperties, thousandths, type ViewContext } from "./views.ts";

/**
 * Reads views as the log takes them from the bytes of LogViewRequest, with
 * no message between: a stream of views spends most of its time there. What is
 * not plainly right is left to the codec and the rules, so that both ways have
 * the same results, and what is wrong is told in one place.
 */

/** The tags of LogViewRequest: the number of a field, and how it is written. */
const VIDEO_NAME = (1 << 3) | 2;
const VIEW_ID = (2 << 3) | 2;
const VIEWER_ID = (3 << 3) | 2;
const START_TIME = (4 << 3) | 2;
const WATCH_DURATION = (5 << 3) | 2;
const COUNTRY = (6 << 3) | 2;
const DEVICE = (7 << 3) | 2;
const REFERRER = (8 << 3) | 2;
const PROGRESS = (9 << 3) | 1;
const PROPERTIES = (10 << 3) | 2;
const USER_AGENT = (11 << 3) | 2;

/** Those of google.protobuf.Timestamp and Duration. */
const SECONDS = 1 << 3;
const NANOS = 2 << 3;

/** Those of an entry of a map. */
const KEY = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

const MAX_WATCH_MS = MAX_WATCH_DAYS * 86_400_000;
/** Stands for a moment or a duration that is not there. */
const ABSENT = -1;

/**
 * The view that ends at `end`.
 *
 * @param newId makes the id of a view that has none. Default: that is unusual.
 * @throws `unusual` for what is left to the codec and the rules.
 */
export function readView(
  reader: Reader,
  end: number,
  context: ViewContext,
  newId: () => string = noId,
): NewView {
  let viewId = "";
  let video = "";
  let viewer = "";
  let time = ABSENT;
  let watchMs = ABSENT;
  let country = "";
  let device = "";
  let referrer = "";
  let progress = -1;
  let properties: Record<string, string> | undefined;
  let userAgent = "";
  while (reader.pos < end) {
    switch (reader.tag()) {
      case VIDEO_NAME:
        video = readText(reader, MAX_CHARACTERS.videoName);
        break;
      case VIEW_ID:
        viewId = readText(reader, MAX_CHARACTERS.viewId);
        break;
      case VIEWER_ID:
        viewer = readText(reader, MAX_CHARACTERS.viewerId);
        break;
      case START_TIME:
        // Of two, each would be a part of one.
        if (time !== ABSENT) throw unusual;
        time = readMs(reader);
        if (time < YEAR_2000_MS || time > context.now + CLOCK_SKEW_MS) throw unusual;
        break;
      case WATCH_DURATION:
        if (watchMs !== ABSENT) throw unusual;
        watchMs = readMs(reader);
        // Just as long is too long if what was cut off is more.
        if (watchMs >= MAX_WATCH_MS) throw unusual;
        break;
      case COUNTRY:
        country = readCountry(reader);
        break;
      case DEVICE:
        device = readText(reader, MAX_CHARACTERS.device);
        break;
      case REFERRER:
        referrer = readText(reader, MAX_CHARACTERS.referrer);
        break;
      case PROGRESS: {
        const share = reader.fixed(8).getFloat64(reader.pos - 8, true);
        if (!(share >= 0 && share <= 1)) throw unusual;
        progress = thousandths(share);
        break;
      }
      case PROPERTIES:
        properties ??= {};
        readProperty(reader, properties);
        break;
      case USER_AGENT:
        userAgent = readText(reader, MAX_CHARACTERS.userAgent);
        break;
      default:
        throw unusual;
    }
  }
  if (reader.pos !== end || video === "") throw unusual;
  return {
    viewId: viewId === "" ? newId() : viewId,
    video,
    viewer,
    time: time === ABSENT ? context.now : time,
    watchMs: watchMs === ABSENT ? 0 : watchMs,
    progress,
    country: country === "" ? context.country : country,
    device: device === "" ? context.device : device,
    referrer,
    properties: properties === undefined ? "" : readProperties(properties),
    bot: context.bots?.has(userAgent || context.userAgent) ?? false,
  };
}

function noId(): never {
  throw unusual;
}

function readText(reader: Reader, max: number): string {
  const text = reader.text();
  // UTF-16 units are never fewer than characters.
  if (text.length > max) throw unusual;
  return text;
}

/** The whole milliseconds of a Timestamp or a Duration of 0 or more. */
function readMs(reader: Reader): number {
  const end = reader.end();
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === SECONDS) {
      reader.varint64();
      // Until the year 2106.
      if (reader.high !== 0) throw unusual;
      seconds = reader.low >>> 0;
    } else if (tag === NANOS) {
      nanos = reader.varint32() | 0;
      if (nanos < 0 || nanos > 999_999_999) throw unusual;
    } else throw unusual;
  }
  if (reader.pos !== end) throw unusual;
  return seconds * 1_000 + Math.floor(nanos / 1_000_000);
}

/** What differs between a letter and the same in upper case. */
const LOWER = 0x20;

function readCountry(reader: Reader): string {
  const end = reader.end();
  const first = (reader.bytes[reader.pos] as number) | LOWER;
  const second = (reader.bytes[reader.pos + 1] as number) | LOWER;
  if (end - reader.pos !== 2 || !isLetter(first) || !isLetter(second)) throw unusual;
  reader.pos = end;
  return String.fromCharCode(first & ~LOWER, second & ~LOWER);
}

function isLetter(lower: number): boolean {
  return lower >= 0x61 && lower <= 0x7a;
}

function readProperty(reader: Reader, properties: Record<string, string>): void {
  const end = reader.end();
  let name = "";
  let value = "";
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === KEY) name = readText(reader, MAX_CHARACTERS.propertyName);
    else if (tag === VALUE) value = readText(reader, MAX_CHARACTERS.propertyValue);
    else throw unusual;
  }
  // The last is no entry that an object has.
  if (reader.pos !== end || name === "" || value === "" || name === "__proto__") throw unusual;
  properties[name] = value;
}

function readProperties(properties: Record<string, string>): string {
  if (Object.keys(properties).length > MAX_PROPERTIES) throw unusual;
  return canonicalProperties(properties);
}
