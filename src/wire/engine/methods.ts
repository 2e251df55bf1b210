import type { DescService } from "@bufbuild/protobuf";
import {
  createConnectRouter,
  createMethodImplSpec,
  createServiceImplSpec,
  type ConnectRouter,
  type ConnectRouterOptions,
  type MethodImplSpec,
} from "@connectrpc/connect";

/** A method that was put on a router, and how it is to be served. */
export interface RegisteredMethod {
  /** "/pkg.Service/Method" */
  readonly path: string;
  readonly spec: MethodImplSpec;
  /** Those of the router, and of the service or method on top of them. */
  readonly options: ConnectRouterOptions;
}

/** A router of connect that remembers what is put on it. */
export interface MethodRouter {
  readonly router: ConnectRouter;
  /** By path; what is put on the router later is in it later. */
  readonly methods: ReadonlyMap<string, RegisteredMethod>;
}

/** @see MethodRouter */
export function createMethodRouter(options: ConnectRouterOptions): MethodRouter {
  const inner = createConnectRouter(options);
  const methods = new Map<string, RegisteredMethod>();
  const add = (spec: MethodImplSpec, own: Partial<ConnectRouterOptions> | undefined): void => {
    const path = `/${spec.method.parent.typeName}/${spec.method.name}`;
    methods.set(path, { path, spec, options: { ...options, ...own } });
  };
  const router: ConnectRouter = {
    handlers: inner.handlers,
    service(service, implementation, own) {
      inner.service(service, implementation, own);
      const { methods: specs } = createServiceImplSpec<DescService>(service, implementation);
      for (const spec of Object.values(specs)) add(spec, own);
      return router;
    },
    rpc(method, implementation, own) {
      inner.rpc(method, implementation, own);
      add(createMethodImplSpec(method, implementation), own);
      return router;
    },
  };
  return { router, methods };
}
