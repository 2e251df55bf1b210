import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { AdminService } from "../../gen/admin/v1/admin_service_pb.js";
import { LogEntryKind, type LogEntrySchema } from "../../gen/admin/v1/log_entry_pb.js";
import { callerOf } from "../caller.ts";
import { EntryType } from "../log/log.ts";
import type { NamedEntry, Tail } from "./tail.ts";

/** The handlers of the methods that read the log to others. */
export function tailHandlers(tail: Tail): Pick<ServiceImpl<typeof AdminService>, "tailLog"> {
  return {
    async *tailLog({ afterPosition }, context) {
      for await (const message of tail.entries(callerOf(context), Number(afterPosition))) {
        yield {
          entries: message.entries.map(entryMessage),
          headPosition: BigInt(message.head),
        };
      }
    },
  };
}

const kinds = {
  [EntryType.VIEW]: LogEntryKind.VIEW,
  [EntryType.EXTEND]: LogEntryKind.EXTEND,
  [EntryType.FEEDBACK]: LogEntryKind.FEEDBACK,
  [EntryType.ERASE]: LogEntryKind.ERASE,
  [EntryType.TRIM]: LogEntryKind.TRIM,
};

function entryMessage({
  entry,
  video,
  viewer,
}: NamedEntry): MessageInitShape<typeof LogEntrySchema> {
  const common = {
    position: BigInt(entry.position),
    kind: kinds[entry.type],
    time: timestampFromMs(entry.time),
    videoName: video,
    viewerId: viewer,
    viewerNumber: BigInt(entry.viewer),
  };
  switch (entry.type) {
    case EntryType.VIEW:
    case EntryType.EXTEND:
      return {
        ...common,
        viewId: entry.viewId,
        watchDuration: durationFromMs(entry.watchMs),
        ...(entry.progress >= 0 && { progress: entry.progress / 1_000 }),
        ...(entry.progressBefore >= 0 && { previousProgress: entry.progressBefore / 1_000 }),
        country: entry.country,
        device: entry.device,
        referrer: entry.referrer,
        ...(entry.properties !== "" && {
          properties: JSON.parse(entry.properties) as Record<string, string>,
        }),
        bot: entry.kind !== 0,
      };
    case EntryType.FEEDBACK:
      return { ...common, feedbackKind: entry.kind, feedbackValue: entry.value };
    default:
      return common;
  }
}
