import type { ServiceImpl } from "@connectrpc/connect";
import type { Greeter } from "../../gen/tutorial/greeter_pb.js";

/** The handlers of Greeter: the hello-world of this server. */
export const greeter: ServiceImpl<typeof Greeter> = {
  greet: ({ name }) => ({ greeting: `Hello ${name}` }),
};
