import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { explainError } from "../../src/client/explain.ts";

describe("an error that a browser's fetch throws", () => {
  it.each([
    "Failed to fetch",
    "Failed to fetch (marquee.example)",
    "network error",
    "NetworkError when attempting to fetch resource.",
    "Error in input stream",
    "Load failed",
    "The network connection was lost.",
  ])("should be a failed connection: %s", (message) => {
    const error = ConnectError.from(new TypeError(message));
    expect(explainError(error)).toMatchObject({ connectionFailed: true, text: message });
    expect(explainError(new TypeError(message)).connectionFailed).toBe(true);
  });

  it("should be none where the server says so, or a program is wrong", () => {
    const said = new ConnectError("Failed to fetch the model", Code.Internal);
    expect(explainError(said).connectionFailed).toBe(false);
    expect(explainError(new TypeError("x is not a function")).connectionFailed).toBe(false);
  });
});
