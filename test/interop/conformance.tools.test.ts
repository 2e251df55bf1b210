import { expect, test } from "vitest";
import { runConformance } from "./conformance/suite.ts";

/** How many failures are told. */
const maxTold = 40;

test(
  "should pass every case of the Connect conformance suite",
  { timeout: 1_800_000 },
  async () => {
    const { code, total, passed, servers, failures, rest } = await runConformance(600_000);

    process.stdout.write(
      `conformance: ${total} cases on ${servers.length} servers, ${passed} passed\n`,
    );
    expect(failures.slice(0, maxTold).join("\n"), `${failures.length} failures`).toBe("");
    expect(code, rest).toBe(0);
    expect(passed).toBe(total);
    // Connect and gRPC-Web over both versions of HTTP, and gRPC over HTTP/2.
    const kinds = [
      "HTTP_VERSION_1, PROTOCOL_CONNECT",
      "HTTP_VERSION_1, PROTOCOL_GRPC_WEB",
      "HTTP_VERSION_2, PROTOCOL_CONNECT",
      "HTTP_VERSION_2, PROTOCOL_GRPC",
      "HTTP_VERSION_2, PROTOCOL_GRPC_WEB",
    ];
    const securities = ["TLS:false", "TLS:true", "TLS:true (with client certs)"];
    expect(servers.toSorted()).toEqual(
      kinds.flatMap((kind) => securities.map((security) => `${kind}, ${security}`)),
    );
  },
);
