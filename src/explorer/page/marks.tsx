import type { DescMethod } from "@bufbuild/protobuf";
import { isIdempotent, isRead, methodKinds } from "../contract.ts";

/** What kind of method it is, in a few words. */
export function MethodMarks({
  method,
  isShort = false,
}: {
  method: DescMethod;
  isShort?: boolean;
}) {
  const kind = methodKinds[method.methodKind];
  return (
    <span class="marks">
      {(!isShort || method.methodKind !== "unary") && (
        <span class="mark" data-kind={method.methodKind}>
          {isShort ? kind.replace(" stream", "") : kind}
        </span>
      )}
      {!isShort && isRead(method) && (
        <span class="mark" title="Changes nothing, so it can be repeated and cached">
          read
        </span>
      )}
      {!isShort && isIdempotent(method) && (
        <span class="mark" title="Calling it again has the same effect">
          idempotent
        </span>
      )}
      {method.deprecated && <Deprecated />}
    </span>
  );
}

export function Deprecated() {
  return <span class="mark deprecated">deprecated</span>;
}
