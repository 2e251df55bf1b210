import { describe, expect, it } from "vitest";
import { commentOf, firstSentence } from "../../src/wire/reflection/comments.ts";
import { isRequired } from "../../src/explorer/words.ts";
import { readProse } from "../../src/explorer/prose.ts";
import { contractOf, messageIn, methodIn, own } from "./support/contracts.ts";

describe("Comments", () => {
  it("should be found wherever a proto file can have them", async () => {
    const contract = await contractOf(`
// The service.
service Things {
  // buf:lint:ignore RPC_REQUEST_STANDARD_NAME
  // The method.
  //
  // In two paragraphs.
  rpc Do(Outer) returns (Outer.Middle.Inner);
  rpc Silent(Outer) returns (Outer);
}
message Before {}
// The outer message.
message Outer {
  map<string, string> entries = 1; // The map.
  /* The
   * field. */
  string name = 2;
  message Middle {
    // The innermost message.
    message Inner {
      // The innermost field.
      string name = 1;
    }
  }
  // The choice.
  oneof choice {
    // The chosen.
    string chosen = 4;
  }
  // The enum.
  enum Kind {
    // The value.
    KIND_UNSPECIFIED = 0;
  }
}
`);
    const method = methodIn(contract, "test.Things/Do");
    expect(commentOf(method.parent)).toBe("The service.");
    expect(commentOf(method)).toBe("The method.\n\nIn two paragraphs.");
    expect(commentOf(methodIn(contract, "test.Things/Silent"))).toBe("");
    const outer = messageIn(contract, "test.Outer");
    const inner = messageIn(contract, "test.Outer.Middle.Inner");
    const [kind] = outer.nestedEnums;
    const documented = [outer, ...outer.fields, ...outer.oneofs, inner, ...inner.fields];
    expect(documented.map((desc) => commentOf(desc))).toEqual([
      "The outer message.",
      "The map.",
      "The\nfield.",
      "The chosen.",
      "The choice.",
      "The innermost message.",
      "The innermost field.",
    ]);
    expect(kind && [kind, ...kind.values].map((desc) => commentOf(desc))).toEqual([
      "The enum.",
      "The value.",
    ]);
  });

  it("should be there for each element of our own contract", () => {
    const ours = own.services.filter(({ file }) => !file.proto.package.startsWith("grpc."));
    expect(ours.length).toBeGreaterThan(5);
    const methods = ours.flatMap((service) => service.methods);
    const documented = [...ours, ...methods, ...methods.flatMap(({ input }) => input.fields)];
    expect(documented.filter((desc) => commentOf(desc) === "").map(String)).toEqual([]);
  });

  it("should tell which fields are needed", () => {
    const request = messageIn(own, "analytics.v1.LogViewRequest");
    const needed = request.fields.filter((field) => isRequired(field)).map(({ name }) => name);
    expect(needed).toEqual(["video_name"]);
    const { fields } = messageIn(own, "analytics.v1.Dimension");
    expect(fields.filter((field) => isRequired(field)).map(({ name }) => name)).toEqual(["kind"]);
  });

  it.each([
    ["One. Two.", "One."],
    ["A value, e.g. of\n1.5 seconds. And more.", "A value, e.g. of 1.5 seconds."],
    ["No end", "No end"],
    ["One\n\nTwo.", "One"],
    ["", ""],
  ])("should have a first sentence: %j", (comment, sentence) => {
    expect(firstSentence(comment)).toBe(sentence);
  });
});

describe("The prose of a comment", () => {
  it("should have paragraphs, code and links", () => {
    expect(readProse("One\nline with `code`.\n\nSee https://example.com/a, or not.")).toEqual([
      {
        kind: "paragraph",
        spans: [
          { kind: "text", text: "One line with " },
          { kind: "code", text: "code" },
          { kind: "text", text: "." },
        ],
      },
      {
        kind: "paragraph",
        spans: [
          { kind: "text", text: "See " },
          { kind: "link", text: "https://example.com/a" },
          { kind: "text", text: ", or not." },
        ],
      },
    ]);
  });

  it("should have lists and blocks of code", () => {
    const blocks = readProse(
      "Either:\n- one,\n  of two lines\n- two\n\n    a = 1\n\n    b\n```\nc\n```",
    );
    expect(blocks).toMatchObject([
      { kind: "paragraph" },
      { kind: "list", items: [[{ text: "one, of two lines" }], [{ text: "two" }]] },
      { kind: "code", text: "a = 1\n\nb" },
      { kind: "code", text: "c" },
    ]);
  });

  it("should not lose what is not closed", () => {
    expect(readProse("```\nopen")).toEqual([{ kind: "code", text: "open" }]);
    expect(readProse("a ` b")).toMatchObject([{ spans: [{ kind: "text", text: "a ` b" }] }]);
  });
});
