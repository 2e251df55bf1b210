import { encodeModel, writeModelFile } from "../../../src/recommendations/model/model-file.ts";

/**
 * A process that writes models without end, each full of its own number, for
 * the test that kills it. Says so when the first one is written.
 */
const ITEMS = 500_000;
const file = process.argv[2] as string;
for (let number = 1; ; number++) {
  const buffer = encodeModel({
    info: {
      trainedTime: 0,
      items: ITEMS,
      users: 0,
      interactions: 0,
      position: number,
      heldOut: undefined,
      logId: "log",
    },
    videos: new Uint32Array(ITEMS).fill(number),
    offsets: new Uint32Array(ITEMS + 1),
    scales: new Float32Array(ITEMS),
    items: new Uint32Array(0),
    similarities: new Float32Array(0),
  });
  await writeModelFile(file, buffer);
  if (number === 1) process.send?.("written");
}
