import { Code, ConnectError } from "@connectrpc/connect";
import { explainError } from "../client/index.ts";
import { Failure } from "./failure.ts";

/**
 * Says what an error of a call means to somebody at a terminal, and what they
 * can do. What is no error of a call comes back as it is.
 *
 * @param timeoutSeconds the deadline that the call had.
 */
export function callFailure(error: unknown, url: string, timeoutSeconds: number): unknown {
  if (!(error instanceof ConnectError)) return error;
  const { code, text, connectionFailed } = explainError(error);
  if (connectionFailed) {
    return new Failure(
      code === Code.Unavailable
        ? `nothing answers at ${url}: start it with \`npm start\`, or name another with --url`
        : `the connection to ${url} broke: does the server still run?`,
    );
  }
  switch (code) {
    case Code.DeadlineExceeded:
      return new Failure(
        `no answer from ${url} within ${timeoutSeconds} s: try again, or allow more with --timeout`,
      );
    case Code.Unavailable:
      return new Failure(`${url} cannot answer now: ${text}; try again later`);
    case Code.Unimplemented:
      return new Failure(
        `${url} does not know this call: is it an older Marquee, or another server?`,
      );
    case Code.Internal:
      return new Failure(
        text === "Protocol error"
          ? `what answers at ${url} speaks no HTTP/2: name a Marquee server with --url`
          : `the server failed: ${text}; its log says more`,
      );
    default:
      return new Failure(text);
  }
}
