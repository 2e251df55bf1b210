import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import helmet from "@fastify/helmet";
import files from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Where `npm run build:pages` leaves them. */
const BUILT = fileURLToPath(new URL("../../dist/pages/", import.meta.url));

/**
 * The pages by their paths. The storefront has pages of its own, which the
 * browser draws from their paths: they are all the same file.
 */
const PAGES: Readonly<Record<string, string>> = {
  "/": "web/index.html",
  "/items/*": "web/index.html",
  "/categories/*": "web/index.html",
  "/search": "web/index.html",
  "/sign-up": "web/index.html",
  "/dashboard": "web/dashboard.html",
  "/docs": "explorer/docs.html",
};

/**
 * Adds the pages that people look at. They are files: what they show, they ask
 * the server for as any other client does. Where they were not built, they are
 * answered as what is not there.
 *
 * @returns whether they were built.
 */
export async function addPages(fastify: FastifyInstance): Promise<boolean> {
  const isBuilt = await access(join(BUILT, PAGES["/"] as string)).then(
    () => true,
    () => false,
  );
  if (!isBuilt) return false;
  await fastify.register(async (scope) => {
    await scope.register(helmet, policy);
    await scope.register(files, {
      root: join(BUILT, "assets"),
      prefix: "/assets/",
      preCompressed: true,
      // Their names change with their contents.
      maxAge: "1y",
      immutable: true,
      cacheControl: true,
    });
    for (const [path, file] of Object.entries(PAGES)) {
      scope.get(path, (_request, reply) => reply.sendFile(file, BUILT, fresh));
      if (!/[/*]$/.test(path)) {
        scope.get(`${path}/`, ({ query }, reply) =>
          reply.redirect(`${path}${querySuffix(query as Record<string, string>)}`, 308),
        );
      }
    }
    // Who came by a wrong address in a browser is shown around; programs are told so.
    scope.get("/*", (request, reply) => {
      if (request.headers.accept?.includes("text/html") !== true) return reply.callNotFound();
      return reply.code(404).sendFile(PAGES["/"] as string, BUILT, fresh);
    });
  });
  return true;
}

/** Pages are asked for each time, and answered with 304 while they are the same. */
const fresh = { maxAge: 0, immutable: false };

function querySuffix(query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}

/** Nothing from elsewhere: no script, no style, no picture, no call. */
const policy = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whether a name is served by TLS only is for whoever owns the name to say.
  strictTransportSecurity: false,
};
