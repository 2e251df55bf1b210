import { create, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as AlphaServerReflection } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { orAborted } from "../abortable.ts";
import { servedServices } from "../served.ts";
import { answer, type Described, type ReflectionAnswer, type ReflectionRequest } from "./answer.ts";
import { describedFiles } from "./described-files.ts";
import { indexDescriptors } from "./descriptor-index.ts";

/** gRPC server reflection, v1 and v1alpha: clients ask which services there are, and for their contracts. */
export interface Reflection {
  /**
   * Adds it to a router. It describes all services of the router, itself
   * included, no matter which were added first, as long as it was before the
   * first request; and the google.rpc types that errors have as details.
   */
  addTo(router: ConnectRouter): void;
  /**
   * Ends the streams, for a server that stops: those that wait for another
   * request at once, the others when they have answered one.
   */
  end(): void;
}

/** What reflection describes services with. */
export interface ReflectionOptions {
  /**
   * A google.protobuf.FileDescriptorSet, such as `buf build` writes. The files
   * that it has are taken from it, with their comments if it has source
   * information. Default: none; generated code has descriptors, without comments.
   */
  readonly descriptors?: Uint8Array;
}

/**
 * Creates reflection for one router.
 *
 * @throws Error if `descriptors` is not a FileDescriptorSet.
 */
export function createReflection({ descriptors }: ReflectionOptions = {}): Reflection {
  const set =
    descriptors === undefined
      ? create(FileDescriptorSetSchema)
      : fromBinary(FileDescriptorSetSchema, descriptors);
  const ending = new AbortController();

  return {
    addTo(router) {
      let described: Described | undefined;
      const describe = (): Described => {
        const services = servedServices(router);
        const index = indexDescriptors(describedFiles(services, set));
        return { services: services.map(({ typeName }) => typeName), index };
      };
      async function* serverReflectionInfo<R extends ReflectionRequest>(
        requests: AsyncIterable<R>,
      ): AsyncGenerator<ReflectionAnswer<R>> {
        described ??= describe();
        const sent = new Set<string>();
        for await (const request of untilEnd(requests, ending.signal)) {
          yield answer(request, described, sent);
        }
      }
      router.service(ServerReflection, { serverReflectionInfo });
      router.service(AlphaServerReflection, { serverReflectionInfo });
    },
    end: () => ending.abort(),
  };
}

/** The same requests, at least the first of them, but none once the signal is aborted. */
async function* untilEnd<T>(requests: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = requests[Symbol.asyncIterator]();
  let next = await iterator.next();
  while (next.done !== true) {
    yield next.value;
    try {
      next = await orAborted(iterator.next(), signal);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return;
      throw error;
    }
  }
}
