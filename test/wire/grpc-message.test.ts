import * as fc from "fast-check";
import { expect, test } from "vitest";
import { grpcMessage, respellGrpcMessage } from "../../src/wire/grpc-message.ts";

test("should leave printable ASCII as it is, and encode all else", () => {
  expect(grpcMessage('video_name: Required, "quoted"; 100% of caf\u00e9\n')).toBe(
    'video_name: Required, "quoted"; 100%25 of caf%C3%A9%0A',
  );
});

test("should be read as it was written, whatever the message", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (message) => {
      const encoded = grpcMessage(message);
      expect(encoded).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeURIComponent(encoded)).toBe(message.toWellFormed());
    }),
  );
});

test("should spell the message of trailers anew, and leave trailers without one alone", () => {
  const trailer = new Headers({ "grpc-status": "3", "grpc-message": "a%3A%20b%25" });
  respellGrpcMessage(trailer);
  expect(trailer.get("grpc-message")).toBe("a: b%25");
  const none = new Headers({ "grpc-status": "0" });
  respellGrpcMessage(none);
  expect([...none]).toEqual([["grpc-status", "0"]]);
});
