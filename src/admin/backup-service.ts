import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { AdminService } from "../../gen/admin/v1/admin_service_pb.js";
import { callerOf } from "../caller.ts";
import type { Backups } from "./backup.ts";

/** The handler of the method that makes backups. */
export function backupHandlers(
  backups: Backups,
): Pick<ServiceImpl<typeof AdminService>, "streamBackup"> {
  return {
    async *streamBackup(_request, context) {
      for await (const part of backups.stream(callerOf(context))) {
        if ("data" in part) {
          yield { part: { case: "data", value: part.data } };
        } else if ("file" in part) {
          const { name, size, sha256 } = part.file;
          yield { part: { case: "file", value: { name, size: BigInt(size), sha256 } } };
        } else {
          const { createTime, logId, position } = part.summary;
          yield {
            part: {
              case: "summary",
              value: {
                createTime: timestampFromMs(createTime),
                logId,
                position: BigInt(position),
              },
            },
          };
        }
      }
    },
  };
}
