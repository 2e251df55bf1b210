import type { Fields, MessageType, UnknownField } from "./message-type.ts";
import type { Reader } from "./reader.ts";
import { unusual } from "./unusual.ts";
import type { Writer } from "./writer.ts";

/**
 * google.protobuf.Timestamp and Duration, which are in most messages: code that
 * knows their properties takes half the time of code that does not.
 */
interface Time {
  readonly $typeName: string;
  readonly seconds: unknown;
  readonly nanos: unknown;
  readonly $unknown?: UnknownField[];
}

const secondsTag = 0x08;
const nanosTag = 0x10;

/** Whether messages of a type may be read and written here. */
export function isTime(typeName: string): boolean {
  return typeName === "google.protobuf.Timestamp" || typeName === "google.protobuf.Duration";
}

/** Reads a message that ends at `end`. */
export function readTime(reader: Reader, type: MessageType, end: number): Fields {
  let seconds = 0n;
  let nanos = 0;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === secondsTag) seconds = reader.int64();
    else if (tag === nanosTag) nanos = reader.varint32() | 0;
    else throw unusual;
  }
  if (reader.pos !== end) throw unusual;
  return { $typeName: type.name, seconds, nanos };
}

/** Writes a message with its length. */
export function writeTime(writer: Writer, type: MessageType, time: Time): void {
  const { seconds, nanos } = time;
  if (time.$typeName !== type.name || time.$unknown !== undefined) throw unusual;
  const start = writer.open(1);
  if (seconds !== 0n) {
    writer.varint32(secondsTag);
    writer.int64(seconds);
  }
  if (nanos !== 0) {
    writer.varint32(nanosTag);
    writer.int32(nanos);
  }
  writer.close(start, 1);
}
