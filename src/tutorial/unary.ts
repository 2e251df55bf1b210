import type { ServiceImpl } from "@connectrpc/connect";
import type { Unary } from "../../gen/tutorial/unary_pb.js";

/** The handlers of Unary, which tells what it was sent. */
export const unary: ServiceImpl<typeof Unary> = {
  getServerResponse: ({ message }) => ({
    message: `Hello I am up and running received "${message}" message from you`,
    received: true,
  }),
};
