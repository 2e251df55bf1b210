import type { ServiceImpl } from "@connectrpc/connect";
import type { AdminService } from "../../gen/admin/v1/admin_service_pb.js";

/** What the service is made of: the handlers of each group of methods. */
export interface AdminParts {
  /** tailHandlers(…) */
  readonly tail: Pick<ServiceImpl<typeof AdminService>, "tailLog">;
  /** backupHandlers(…) */
  readonly backup: Pick<ServiceImpl<typeof AdminService>, "streamBackup">;
}

/** The handlers of admin.v1.AdminService. */
export function adminService({ tail, backup }: AdminParts): ServiceImpl<typeof AdminService> {
  return { ...tail, ...backup };
}
