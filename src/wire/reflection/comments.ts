import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";

/** What can have a comment. */
export type Documented =
  | DescService
  | DescMethod
  | DescMessage
  | DescField
  | DescOneof
  | DescEnum
  | DescEnumValue;

/** Comments of files by the paths of what they are about. */
const commentsOfFiles = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/**
 * What the proto file says of it: the comment before it or else the one behind it,
 * without what is meant for tools. Empty where it says nothing, or where the
 * descriptors came without source info.
 */
export function commentOf(desc: Documented): string {
  const file = fileOf(desc);
  let comments = commentsOfFiles.get(file);
  if (comments === undefined) {
    comments = readComments(file);
    commentsOfFiles.set(file, comments);
  }
  return comments.get(pathOf(desc).join()) ?? "";
}

function readComments(file: DescFile): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const location of file.proto.sourceCodeInfo?.location ?? []) {
    const text = cleaned(location.leadingComments) || cleaned(location.trailingComments);
    if (text !== "") comments.set(location.path.join(), text);
  }
  return comments;
}

/** Comments come with the blank that follows the slashes. */
function cleaned(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^ /, "").trimEnd());
  return lines
    .filter((line) => !/^(?:buf:lint:ignore|@ignore-comment)/.test(line))
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}

function fileOf(desc: Documented): DescFile {
  if (desc.kind === "rpc" || desc.kind === "field" || desc.kind === "oneof")
    return desc.parent.file;
  return desc.kind === "enum_value" ? desc.parent.file : desc.file;
}

/**
 * Where it stands in its FileDescriptorProto: numbers of fields, and indexes in
 * those that are repeated, in turns, as SourceCodeInfo.Location has it.
 */
function pathOf(desc: Documented): number[] {
  switch (desc.kind) {
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...pathOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    case "message":
      return desc.parent === undefined
        ? [4, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), 3, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case "field":
      return [...pathOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return [...pathOf(desc.parent), 8, desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [5, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), 4, desc.parent.proto.enumType.indexOf(desc.proto)];
    case "enum_value":
      return [...pathOf(desc.parent), 2, desc.parent.proto.value.indexOf(desc.proto)];
  }
}

/** The first sentence of a comment, on one line. */
export function firstSentence(comment: string): string {
  const paragraph = (comment.split(/\n\s*\n/)[0] ?? "").replaceAll("\n", " ").trim();
  // An abbreviation or a number is no end: a sentence is followed by a new one.
  return /^.*?[.!?](?=\s+[A-Z"`]|$)/.exec(paragraph)?.[0] ?? paragraph;
}
