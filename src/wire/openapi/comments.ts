import type {
  DescriptorProto,
  EnumDescriptorProto,
  FileDescriptorProto,
  SourceCodeInfo_Location,
} from "@bufbuild/protobuf/wkt";

/** What has a comment: a message, field, oneof, enum, its value, service or method. */
interface Commented {
  readonly proto: object;
}

/** The comments of some proto files; "" for what has none. */
export type Comments = (element: Commented) => string;

/**
 * Reads all comments at once: to look for one means to walk through all places
 * of its file.
 *
 * @param files with source information; those that have none have no comments.
 */
export function readComments(files: Iterable<FileDescriptorProto>): Comments {
  const comments = new Map<object, string>();
  for (const file of files) {
    // Those of the well-known types are about their use in proto files.
    if (file.package !== "google.protobuf") readFile(file, comments);
  }
  return ({ proto }) => comments.get(proto) ?? "";
}

/** The numbers of the fields that paths in source information are made of. */
const inFile = { message: 4, enum: 5, service: 6 };
const inMessage = { field: 2, message: 3, enum: 4, oneof: 8 };
const inEnum = { value: 2 };
const inService = { method: 2 };

type Path = readonly number[];

function readFile(file: FileDescriptorProto, comments: Map<object, string>): void {
  const places = new Map<string, string>();
  for (const location of file.sourceCodeInfo?.location ?? []) {
    const text = textOf(location);
    if (text !== "") places.set(location.path.join(), text);
  }
  if (places.size === 0) return;

  const each = <T extends object>(
    parent: Path,
    number: number,
    elements: readonly T[],
    visit?: (element: T, path: Path) => void,
  ): void => {
    for (const [index, element] of elements.entries()) {
      const path = [...parent, number, index];
      const text = places.get(path.join());
      if (text !== undefined) comments.set(element, text);
      visit?.(element, path);
    }
  };
  const visitEnum = ({ value }: EnumDescriptorProto, path: Path): void =>
    each(path, inEnum.value, value);
  const visitMessage = (message: DescriptorProto, path: Path): void => {
    each(path, inMessage.field, message.field);
    each(path, inMessage.oneof, message.oneofDecl);
    each(path, inMessage.enum, message.enumType, visitEnum);
    each(path, inMessage.message, message.nestedType, visitMessage);
  };
  each([], inFile.message, file.messageType, visitMessage);
  each([], inFile.enum, file.enumType, visitEnum);
  each([], inFile.service, file.service, ({ method }, path) =>
    each(path, inService.method, method),
  );
}

/** What stands before an element, or else behind it, without the space after each "//". */
function textOf({ leadingComments, trailingComments }: SourceCodeInfo_Location): string {
  const text = leadingComments.trim() === "" ? trailingComments : leadingComments;
  return text.replaceAll(/^ /gm, "").trim();
}

/** The first sentence of a comment, in one line and without its full stop. */
export function summaryOf(comment: string): string {
  const paragraph = comment.split(/\n\s*\n/, 1)[0] ?? "";
  const line = paragraph.replaceAll(/\s+/g, " ").trim();
  const [sentence = ""] = line.split(/(?<=[.!?:]) (?=[\p{Lu}"'`(])/u, 1);
  return sentence.replace(/[.:]$/, "");
}
