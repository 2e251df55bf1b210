import type { ServiceImpl } from "@connectrpc/connect";
import type { Bidirectional } from "../../gen/tutorial/bidirectional_pb.js";

/** The handlers of Bidirectional, which sends each message back as it arrives. */
export const bidirectional: ServiceImpl<typeof Bidirectional> = {
  async *getServerResponse(messages) {
    for await (const { message } of messages) yield { message };
  },
};
