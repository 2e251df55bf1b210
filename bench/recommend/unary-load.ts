/**
 * The process that loads a server with unary calls over gRPC, each with another
 * message. It speaks with its parent over IPC.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { RecommendRequestSchema } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { GreetingRequestSchema } from "../../gen/tutorial/greeter_pb.js";
import { envelope } from "../wire/envelope.ts";
import {
  openConnection,
  type Http2Connection,
  type StreamListener,
} from "../wire/load/http2-connection.ts";
import { viewerName } from "./data.ts";

/** What the process is asked for. */
export interface UnaryJob {
  readonly method: "greet" | "recommend";
  readonly base: string;
  readonly calls: number;
  /** How many viewers there are: calls are for one after the other. */
  readonly viewers: number;
  /** The first of them. */
  readonly first: number;
}

/** Connections and, on each, calls at once. */
const connections = 4;
const streams = 16;

const paths = {
  greet: "/Greeter/Greet",
  recommend: "/recommendations.v1.Recommendations/Recommend",
} as const;

function messageOf({ method }: UnaryJob, viewer: number): Uint8Array {
  const name = viewerName(viewer);
  return envelope(
    method === "greet"
      ? toBinary(GreetingRequestSchema, create(GreetingRequestSchema, { name }))
      : toBinary(RecommendRequestSchema, create(RecommendRequestSchema, { userId: name })),
  );
}

/** Keeps the streams of one connection busy until no call is left. */
class Calls implements StreamListener {
  readonly #next: () => Uint8Array | undefined;
  readonly #path: string;
  readonly #bytes = new Map<number, number>();
  readonly #done = Promise.withResolvers<void>();
  #connection: Http2Connection | undefined;

  constructor(path: string, next: () => Uint8Array | undefined) {
    this.#path = path;
    this.#next = next;
  }

  start(connection: Http2Connection): Promise<void> {
    this.#connection = connection;
    for (let n = 0; n < streams; n++) this.#begin();
    return this.#done.promise;
  }

  onData(stream: number, bytes: number): void {
    this.#bytes.set(stream, (this.#bytes.get(stream) ?? 0) + bytes);
  }

  onEnd(stream: number): void {
    // An error has no message; an answer without anything has nothing but its prefix.
    if ((this.#bytes.get(stream) ?? 0) <= 5) {
      this.#done.reject(new Error("a call failed, or was answered with nothing"));
    }
    this.#bytes.delete(stream);
    this.#begin();
    if (this.#bytes.size === 0) this.#done.resolve();
  }

  onFailure(error: Error): void {
    this.#done.reject(error);
  }

  #begin(): void {
    const message = this.#next();
    const stream = message && this.#connection?.open(this.#path, message, true);
    if (stream !== undefined) this.#bytes.set(stream, 0);
  }
}

/** Makes the calls of a job; returns how many seconds they took. */
async function run(job: UnaryJob): Promise<number> {
  const messages = Array.from({ length: job.viewers }, (_, viewer) => messageOf(job, viewer));
  let made = 0;
  const next = (): Uint8Array | undefined =>
    made < job.calls ? messages[(job.first + made++) % job.viewers] : undefined;
  const traffics = Array.from({ length: connections }, () => new Calls(paths[job.method], next));
  const open = await Promise.all(traffics.map((traffic) => openConnection(job.base, traffic)));
  const start = performance.now();
  const done = traffics.map((traffic, index) => traffic.start(open[index] as Http2Connection));
  await Promise.all(done);
  const seconds = (performance.now() - start) / 1_000;
  for (const connection of open) connection.close();
  return seconds;
}

process.once("SIGTERM", () => process.exit(0));
process.once("disconnect", () => process.exit(0));
process.on("message", (job) => {
  void run(job as UnaryJob).then((seconds) => process.send?.(seconds));
});
process.send?.(true);
