import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { callLines } from "../../src/cli/call-lines.ts";
import { logOutput } from "../../src/cli/log-output.ts";
import { callLog } from "../../src/wire/access-log.ts";
import { temporaryDirectory } from "../support/directory.ts";

const call = {
  rpc: "/wire.test.Notes/Say",
  protocol: "grpc",
  http: "2.0",
  code: "ok",
  startedAt: 0,
  bytesIn: 12,
  bytesOut: 34,
  peer: "::1",
  requestId: "call-1",
} as const;

async function output() {
  const file = join(await temporaryDirectory(), "log");
  const fd = openSync(file, "w");
  onTestFinished(() => closeSync(fd));
  return { log: logOutput(fd), read: () => readFileSync(file, "utf8") };
}

test.each([
  ["an ordinary call", call],
  ["quotes and backslashes", { ...call, requestId: 'a"b\\c', rpc: '/"\\' }],
  ["control characters", { ...call, rpc: "/\u0000\n\u2028", peer: "\u0007" }],
  ["other scripts", { ...call, rpc: "/читатель/😀" }],
])("should write %s as pino would", async (_what, ended) => {
  const { log, read } = await output();
  callLines(log)(ended);
  callLog(pino({}, log))(ended);
  log.flushSync();

  const [ours, pinos] = read()
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), time: 0, ms: 0 }));
  expect(Object.keys(ours ?? {})).toEqual(
    expect.arrayContaining(["level", "time", "pid", "hostname", "ms", "msg"]),
  );
  expect(ours).toEqual(pinos);
});

test("should say nothing of a peer that is not known", async () => {
  const { log, read } = await output();
  callLines(log)({ ...call, peer: undefined });
  log.flushSync();

  expect(JSON.parse(read())).toMatchObject({ peer: null });
});

test("should write the lines of a turn in their order, when it is over", async () => {
  const { log, read } = await output();
  log.write("1\n");
  log.write("2\n");
  expect(read()).toBe("");

  await setImmediate();
  await setImmediate();

  expect(read()).toBe("1\n2\n");
});

test("should not hold back more than it should", async () => {
  const { log, read } = await output();
  log.write(`${"x".repeat(70_000)}\n`);

  expect(read()).toHaveLength(70_001);
});
