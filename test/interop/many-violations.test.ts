import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { createMarqueeClient } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

describe.each(["grpc", "grpc-web", "connect"] as const)(
  "a thousand mistakes over %s",
  (protocol) => {
    it("should be answered with the first of them, and how many more there are", async () => {
      const { url } = await startServer();
      const client = createMarqueeClient({ url, protocol });
      onTestFinished(() => client.close());
      const feedback = Array.from({ length: 1_000 }, () => ({
        userId: "u",
        itemId: "i",
        kind: 99,
      }));
      const error = ConnectError.from(
        await client.recommendations
          .recordFeedback({ feedback })
          .catch((reason: unknown) => reason),
      );
      expect(error.code).toBe(Code.InvalidArgument);
      expect(error.rawMessage).toMatch(
        /^feedback\[0\]\.kind: There is no value 99\..*; and \d+ more$/,
      );
      const [badRequest] = error.findDetails(BadRequestSchema);
      const fields = badRequest?.fieldViolations.map(({ field }) => field) ?? [];
      expect(fields.length).toBeGreaterThan(20);
      expect(fields).toEqual(fields.map((_, index) => `feedback[${index}].kind`));
    });
  },
);
