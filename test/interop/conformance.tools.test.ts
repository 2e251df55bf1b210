import { expect, test } from "vitest";
import { runConformance } from "./conformance/suite.ts";

/** How many failures are told. */
const maxTold = 40;

test(
  "should pass every case of the Connect conformance suite",
  { timeout: 1_800_000 },
  async () => {
    const { code, total, passed, servers, failures, rest } = await runConformance(600_000);
    // Where a deadline is past, the client gives up at the moment when the server
    // answers. On a busy machine it may do so in the middle of the answer.
    const late = failures.filter((failure) => failure.startsWith("Timeouts/"));
    const again = late.length > 0 ? await runConformance(300_000, "Timeouts/**") : undefined;
    const left = failures.filter((failure) => !late.includes(failure));
    left.push(...(again?.failures ?? []));

    process.stdout.write(
      `conformance: ${total} cases on ${servers.length} servers, ${passed} passed` +
        `${again === undefined ? "" : `, ${late.length} of deadlines when tried again`}\n`,
    );
    expect(left.slice(0, maxTold).join("\n"), `${left.length} failures`).toBe("");
    expect(again?.code ?? code, rest).toBe(0);
    expect(passed + late.length).toBe(total);
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
