import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { SharedMemory } from "../../../src/recommendations/model/kernels/webassembly.ts";
import {
  decodeModel,
  describeModel,
  encodeModel,
  ModelFileError,
  modelLength,
  readModelFile,
  verifyModel,
  writeModelFile,
  type ModelParts,
} from "../../../src/recommendations/model/model-file.ts";
import { temporaryDirectory } from "../../support/directory.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const info = fc.record({
  trainedTime: fc.nat(),
  items: fc.nat(),
  users: fc.nat(),
  interactions: fc.nat(),
  position: fc.nat(),
  logId: fc.string(),
  judgesTo: fc.integer({ min: -1, max: 0xffff_ffff }),
  heldOut: fc.option(
    fc.record({ users: fc.nat(), recallAt20: finite, ndcgAt10: finite, ndcgAt100: finite }),
    { nil: undefined },
  ),
});
const floats = (length: number) => fc.float32Array({ minLength: length, maxLength: length });
const parts: fc.Arbitrary<ModelParts> = fc.record({
  info,
  scales: fc.record({ unit: finite, sparse: finite, factors: finite }).map(withoutSign),
  settings: fc.constant({ share: 0.5 }),
  dimensions: fc.constant(4),
  videos: fc.uint32Array({ minLength: 3, maxLength: 3 }),
  counts: fc.uint32Array({ minLength: 3, maxLength: 3 }),
  offsets: fc.uint32Array({ minLength: 4, maxLength: 4 }),
  targets: fc.uint32Array({ minLength: 5, maxLength: 5 }),
  weights: floats(5),
  similarities: fc.uint16Array({ minLength: 5, maxLength: 5 }),
  factors: floats(16),
  base: floats(4),
});

/** JSON has no -0. */
function withoutSign<T extends Record<string, number>>(record: T): T {
  return JSON.parse(JSON.stringify(record)) as T;
}

const bytesOf = (memory: SharedMemory): Uint8Array =>
  new Uint8Array(memory.buffer, 0, modelLength(memory));

test("should read a model as it was written", async () => {
  const file = join(await temporaryDirectory(), "models", "0.model");
  expect(await readModelFile(file)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(parts, async (model) => {
      await writeModelFile(file, encodeModel(model));
      const memory = (await readModelFile(file)) as SharedMemory;
      const { factorsAt, ...read } = decodeModel(memory);
      expect(factorsAt % 16).toBe(0);
      expect(JSON.stringify(read.info)).toBe(JSON.stringify(model.info));
      expect({ ...read, info: model.info }).toEqual(model);
    }),
    { numRuns: 20 },
  );
});

test("should say of itself what it is told to, and stay whole", () => {
  fc.assert(
    fc.property(parts, info, (model, other) => {
      const memory = encodeModel(model);
      describeModel(memory, other);
      verifyModel(bytesOf(memory));
      const read = decodeModel(memory);
      expect(JSON.stringify(read.info)).toBe(JSON.stringify(other));
      expect(read.weights).toEqual(model.weights);
    }),
  );
});

test("should refuse a model any of whose bytes is another", () => {
  fc.assert(
    fc.property(parts, uint32, fc.integer({ min: 1, max: 255 }), (model, place, change) => {
      const bytes = bytesOf(encodeModel(model));
      const at = place % bytes.length;
      bytes[at] = (bytes[at] as number) ^ change;
      expect(() => verifyModel(bytes)).toThrow(ModelFileError);
    }),
  );
});

test("should refuse a model whose end is missing", () => {
  fc.assert(
    fc.property(parts, uint32, (model, cut) => {
      const bytes = bytesOf(encodeModel(model));
      expect(() => verifyModel(bytes.subarray(0, cut % bytes.length))).toThrow(ModelFileError);
    }),
  );
});

test("should refuse a model of another version by that name", () => {
  const [model] = fc.sample(parts, 1);
  const memory = encodeModel(model as ModelParts);
  new Uint32Array(memory.buffer)[1] = 1;
  expect(() => verifyModel(bytesOf(memory))).toThrow("it is of version 1, and this server reads 4");
});

test("should leave a whole model when a writer is killed, whenever that happens", async () => {
  const file = join(await temporaryDirectory(), "0.model");
  const script = new URL("./write-models.ts", import.meta.url);
  for (const delay of [0, 3, 7, 20]) {
    const writer = fork(script, [file], { stdio: "inherit" });
    await once(writer, "message");
    await setTimeout(delay);
    writer.kill("SIGKILL");
    await once(writer, "exit");
    const memory = (await readModelFile(file)) as SharedMemory;
    const model = decodeModel(memory);
    expect(new Set(model.videos)).toEqual(new Set([model.info.position]));
  }
});

test("should not be disturbed by what a killed writer began", async () => {
  const file = join(await temporaryDirectory(), "0.model");
  const [model] = fc.sample(parts, 1);
  const memory = encodeModel(model as ModelParts);
  await writeFile(`${file}.new`, "the beginning of a much longer model".repeat(1_000));
  await writeModelFile(file, memory);
  expect(new Uint8Array(await readFile(file))).toEqual(new Uint8Array(bytesOf(memory)));
});
