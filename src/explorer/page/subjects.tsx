import type { DescEnum, DescField, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { commentOf, firstSentence } from "../../wire/reflection/comments.ts";
import type { Contract } from "../contract.ts";
import { hashOf } from "../routes.ts";
import { Deprecated, MethodMarks } from "./marks.tsx";
import { Prose } from "./prose.tsx";
import { Fields, TypeLink, Values } from "./types.tsx";

/** All services, with what they are for. */
export function Overview({ contract }: { contract: Contract }) {
  return (
    <>
      <h1 tabIndex={-1}>API</h1>
      <p class="lead">
        What this server offers, in the words of its contract. Every method can be called from its
        page. <a href="/descriptors.binpb">Descriptors</a> of all of it are a file for other tools.
      </p>
      {contract.services.map((service) => (
        <section key={service.typeName} class="service">
          <h2>
            <a href={hashOf(service.typeName)}>{service.typeName}</a>
          </h2>
          <p class="muted">{firstSentence(commentOf(service))}</p>
          <Methods methods={service.methods} />
        </section>
      ))}
    </>
  );
}

function Methods({ methods }: { methods: readonly DescMethod[] }) {
  return (
    <ul class="methods">
      {methods.map((method) => (
        <li key={method.name}>
          <a href={hashOf(`${method.parent.typeName}/${method.name}`)}>{method.name}</a>{" "}
          <MethodMarks method={method} />
          <p class="muted">{firstSentence(commentOf(method))}</p>
        </li>
      ))}
    </ul>
  );
}

/** A service and its methods. */
export function ServicePage({ service }: { service: DescService }) {
  return (
    <>
      <p class="muted">service · {service.file.name}.proto</p>
      <h1 tabIndex={-1}>{service.typeName}</h1>
      {service.deprecated && <Deprecated />}
      <Prose text={commentOf(service)} />
      <h2>Methods</h2>
      <Methods methods={service.methods} />
    </>
  );
}

/** A message, its fields, and where it is used. */
export function MessagePage({
  contract,
  message,
  member,
}: {
  contract: Contract;
  message: DescMessage;
  member: string | undefined;
}) {
  return (
    <>
      <p class="muted">message · {message.file.name}.proto</p>
      <h1 tabIndex={-1}>{message.typeName}</h1>
      {message.deprecated && <Deprecated />}
      <Prose text={commentOf(message)} />
      <h2>Fields</h2>
      <Fields message={message} member={member} />
      <Uses contract={contract} type={message} />
    </>
  );
}

/** An enum, its values, and where it is used. */
export function EnumPage({
  contract,
  type,
  member,
}: {
  contract: Contract;
  type: DescEnum;
  member: string | undefined;
}) {
  return (
    <>
      <p class="muted">enum · {type.file.name}.proto</p>
      <h1 tabIndex={-1}>{type.typeName}</h1>
      {type.deprecated && <Deprecated />}
      <Prose text={commentOf(type)} />
      <h2>Values</h2>
      <Values type={type} member={member} />
      <Uses contract={contract} type={type} />
    </>
  );
}

function Uses({ contract, type }: { contract: Contract; type: DescMessage | DescEnum }) {
  const methods = contract.services
    .flatMap((service) => service.methods)
    .filter(({ input, output }) => input === type || output === type);
  const fields = contract.messages
    .flatMap((message) => message.fields)
    .filter((field: DescField) => field.message === type || field.enum === type);
  if (methods.length === 0 && fields.length === 0) return null;
  return (
    <>
      <h2>Used by</h2>
      <ul class="uses">
        {methods.map((method) => (
          <li key={`${method.parent.typeName}/${method.name}`}>
            <a href={hashOf(`${method.parent.typeName}/${method.name}`)}>{method.name}</a>{" "}
            <span class="muted">
              {method.parent.typeName} {method.input === type ? "request" : "response"}
            </span>
          </li>
        ))}
        {fields.map((field) => (
          <li key={`${field.parent.typeName}.${field.name}`}>
            <TypeLink type={field.parent} />
            <span class="muted">
              {" "}
              in <code>{field.name}</code>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
