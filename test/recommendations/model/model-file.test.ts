import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ItemModelParts } from "../../../src/recommendations/model/model.ts";
import {
  decodeModel,
  encodeModel,
  ModelFileError,
  readModelFile,
  verifyModel,
  writeModelFile,
} from "../../../src/recommendations/model/model-file.ts";
import { temporaryDirectory } from "../../support/directory.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const parts: fc.Arbitrary<ItemModelParts> = fc.record({
  info: fc.record({
    trainedTime: fc.nat(),
    items: fc.nat(),
    users: fc.nat(),
    interactions: fc.nat(),
    position: fc.nat(),
    logId: fc.string(),
    heldOut: fc.option(fc.record({ users: fc.nat(), recallAt20: fc.nat(), ndcgAt100: fc.nat() }), {
      nil: undefined,
    }),
  }),
  videos: fc.uint32Array({ minLength: 3, maxLength: 3 }),
  scales: fc.float32Array({ minLength: 3, maxLength: 3 }),
  offsets: fc.uint32Array({ minLength: 4, maxLength: 4 }),
  items: fc.uint32Array({ minLength: 5, maxLength: 5 }),
  similarities: fc.float32Array({ minLength: 5, maxLength: 5 }),
});

test("a model is read as it was written", async () => {
  const file = join(await temporaryDirectory(), "models", "0.model");
  expect(await readModelFile(file)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(parts, async (model) => {
      await writeModelFile(file, encodeModel(model));
      const buffer = await readModelFile(file);
      expect(decodeModel(buffer as ArrayBuffer)).toEqual(model);
    }),
    { numRuns: 20 },
  );
});

test("a model is refused when any of its bytes is another", () => {
  fc.assert(
    fc.property(parts, uint32, fc.integer({ min: 1, max: 255 }), (model, place, change) => {
      const buffer = encodeModel(model);
      const bytes = new Uint8Array(buffer);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] as number) ^ change;
      expect(() => verifyModel(buffer)).toThrow(ModelFileError);
    }),
  );
});

test("a model is refused when its end is missing", () => {
  fc.assert(
    fc.property(parts, uint32, (model, cut) => {
      const buffer = encodeModel(model);
      expect(() => verifyModel(buffer.slice(0, cut % buffer.byteLength))).toThrow(ModelFileError);
    }),
  );
});

test("a model of another version is refused by that name", () => {
  const [model] = fc.sample(parts, 1);
  const buffer = encodeModel(model as ItemModelParts);
  new Uint32Array(buffer)[1] = 2;
  expect(() => verifyModel(buffer)).toThrow("it is of version 2, and this server reads 1");
});

test("a writer that is killed leaves a whole model, whenever that happens", async () => {
  const file = join(await temporaryDirectory(), "0.model");
  const script = new URL("./write-models.ts", import.meta.url);
  for (const delay of [0, 3, 7, 20]) {
    const writer = fork(script, [file], { stdio: "inherit" });
    await once(writer, "message");
    await setTimeout(delay);
    writer.kill("SIGKILL");
    await once(writer, "exit");
    const buffer = await readModelFile(file);
    const { info, videos } = decodeModel(buffer as ArrayBuffer);
    expect(new Set(videos)).toEqual(new Set([info.position]));
  }
});

test("what a killed writer began does not disturb the next one", async () => {
  const file = join(await temporaryDirectory(), "0.model");
  const [model] = fc.sample(parts, 1);
  const bytes = encodeModel(model as ItemModelParts);
  await writeFile(`${file}.new`, "the beginning of a much longer model".repeat(1_000));
  await writeModelFile(file, bytes);
  expect(new Uint8Array(await readFile(file))).toEqual(new Uint8Array(bytes));
});
