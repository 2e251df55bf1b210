import type { DescMessage } from "@bufbuild/protobuf";
import { isFreeJson, textHint } from "../fields.ts";

/** Whether a message is one value in a form, not a group of fields. */
export function isText(message: DescMessage): boolean {
  return textHint(message) !== undefined || isFreeJson(message);
}
