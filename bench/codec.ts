/**
 * How long it takes to decode and encode messages in protobuf's binary
 * encoding: Marquee's codec against protobuf-es, in turns in the same run.
 *
 *     node bench/codec.ts
 *
 * Prints nanoseconds for each message, the median of the rounds, and their
 * ratio. The exit code is 1 if Marquee's takes more than half the time anywhere.
 */
import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { LogViewRequestSchema } from "../gen/analytics/v1/ingestion_pb.js";
import { GreetingRequestSchema } from "../gen/tutorial/greeter_pb.js";
import { binaryCodec } from "../src/wire/codec/binary-codec.ts";

/** The first is discarded. */
const rounds = 21;
/** How long each of the four takes in a round, in milliseconds. */
const turnMs = 40;

const view = {
  videoName: "1180",
  viewId: "01890a5d-ac96-774b-bcce-b302099a8057",
  viewerId: "314",
  startTime: { seconds: 1_767_323_045n, nanos: 123_000_000 },
  watchDuration: { seconds: 61n, nanos: 500_000_000 },
  country: "NL",
  device: "phone",
  referrer: "https://example.com/books/1180",
};

const batchSchema = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: "bench/batch.proto",
    package: "bench",
    syntax: "proto3",
    dependency: [LogViewRequestSchema.file.proto.name],
    messageType: [
      {
        name: "Batch",
        field: [
          {
            name: "views",
            jsonName: "views",
            number: 1,
            label: Label.REPEATED,
            type: Type.MESSAGE,
            typeName: `.${LogViewRequestSchema.typeName}`,
          },
        ],
      },
    ],
  }),
  () => LogViewRequestSchema.file,
).getMessage("bench.Batch") as DescMessage;

const greeting = create(GreetingRequestSchema, { name: "Ada Lovelace" });
const logView = create(LogViewRequestSchema, view);
const batch = create(batchSchema, { views: Array.from({ length: 1000 }, () => view) });
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Nanoseconds for each call of `work`, while it is called again and again for its turn. */
function timed(work: () => unknown): number {
  const started = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < turnMs) {
    for (let i = 0; i < 16; i++) work();
    calls += 16;
    elapsed = performance.now() - started;
  }
  return (elapsed * 1e6) / calls;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Compares two ways of doing the same, and returns whether the first is fast enough. */
function compare(what: string, ours: () => unknown, theirs: () => unknown): boolean {
  const times = Array.from({ length: rounds }, (_, round) => {
    if (round % 2 === 0) return { ours: timed(ours), theirs: timed(theirs) };
    const first = timed(theirs);
    return { ours: timed(ours), theirs: first };
  }).slice(1);
  const ratio = median(times.map((time) => time.theirs / time.ours));
  const nanoseconds = (values: readonly number[]): string => median(values).toFixed(0).padStart(9);
  print(
    [
      what.padEnd(28),
      nanoseconds(times.map((time) => time.ours)),
      nanoseconds(times.map((time) => time.theirs)),
      ratio.toFixed(2).padStart(9),
    ].join(""),
  );
  return ratio >= 2;
}

print("message                       Marquee protobuf-es    ratio");
const results = [
  { what: "Greet", schema: GreetingRequestSchema, message: greeting as Message },
  { what: "LogView", schema: LogViewRequestSchema, message: logView as Message },
  { what: "1,000 LogViews", schema: batchSchema, message: batch },
].flatMap(({ what, schema, message }) => {
  const codec = binaryCodec(schema);
  const bytes = toBinary(schema, message);
  // As the wire gives it: a view of what came from the socket.
  const received = Buffer.concat([Buffer.alloc(5), bytes]).subarray(5);
  return [
    compare(
      `decode ${what}`,
      () => codec.decode(received),
      () => fromBinary(schema, received),
    ),
    compare(
      `encode ${what}`,
      () => codec.encode(message, 5),
      () => toBinary(schema, message),
    ),
  ];
});
process.exit(results.every(Boolean) ? 0 : 1);
