import { encodeModel, writeModelFile } from "../../../src/recommendations/model/model-file.ts";

/**
 * A process that writes models without end, each full of its own number, for
 * the test that kills it. Says so when the first one is written.
 */
const ITEMS = 500_000;
const file = process.argv[2] as string;
for (let number = 1; ; number++) {
  const memory = encodeModel({
    info: {
      trainedTime: 0,
      items: ITEMS,
      users: 0,
      interactions: 0,
      position: number,
      judgesTo: -1,
      heldOut: undefined,
      logId: "log",
    },
    videos: new Uint32Array(ITEMS).fill(number),
    counts: new Uint32Array(ITEMS),
    offsets: new Uint32Array(ITEMS + 1),
    scales: { unit: 1, sparse: 1, factors: 0 },
    settings: {},
    dimensions: 0,
    targets: new Uint32Array(0),
    weights: new Float32Array(0),
    similarities: new Uint16Array(0),
    factors: new Float32Array(0),
    base: new Float32Array(0),
  });
  await writeModelFile(file, memory);
  if (number === 1) process.send?.("written");
}
