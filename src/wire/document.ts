import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";

/** A text or file that is the same for as long as the server runs. */
export interface Document {
  readonly contentType: string;
  /** Called once, for the first request. */
  readonly make: () => Uint8Array;
}

interface Made {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly tag: string;
}

/**
 * Serves a document at a path, gzipped to whoever takes that. A client that has
 * it already, by its ETag, is told so instead.
 */
export function addDocument(
  fastify: FastifyInstance,
  path: string,
  { contentType, make }: Document,
): void {
  let made: Made | undefined;
  fastify.get(path, (request, reply) => {
    const { plain, gzipped, tag } = (made ??= prepare(make()));
    const encodings = request.headers["accept-encoding"] ?? "";
    const isGzipped = acceptsGzip(Array.isArray(encodings) ? encodings.join() : encodings);
    const vary = reply.getHeader("vary");
    reply.header("vary", vary === undefined ? "Accept-Encoding" : `${vary}, Accept-Encoding`);
    // It changes with the version of the server only, but then at once.
    reply.header("cache-control", "no-cache").header("etag", tag);
    if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
    reply.type(contentType);
    if (isGzipped) reply.header("content-encoding", "gzip");
    return reply.send(isGzipped ? gzipped : plain);
  });
}

function prepare(bytes: Uint8Array): Made {
  const plain = Buffer.from(bytes);
  const hash = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
  // Weak: it stands for the document, compressed or not.
  return { plain, gzipped: gzipSync(plain), tag: `W/"${hash}"` };
}

/** Whether accept-encoding has gzip, unless with the weight 0. */
function acceptsGzip(accepted: string): boolean {
  return accepted
    .split(",")
    .some((offered) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(offered));
}

function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strength = /^W\//;
  return ifNoneMatch
    .split(",")
    .map((known) => known.trim())
    .some((known) => known === "*" || known.replace(strength, "") === tag.replace(strength, ""));
}
