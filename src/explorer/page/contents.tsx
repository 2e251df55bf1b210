import { useEffect, useMemo, useState } from "preact/hooks";
import type { Contract } from "../contract.ts";
import { hashOf } from "../routes.ts";
import { indexOf } from "../search.ts";
import { MethodMarks } from "./marks.tsx";
import { SearchBox } from "./search-box.tsx";

/** The search, and the list of all that there is. */
export function Contents({ contract, path }: { contract: Contract; path: string }) {
  const index = useMemo(() => indexOf(contract), [contract]);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const [serviceName] = path.split("/");
  const types = [
    ["Messages", contract.messages],
    ["Enums", contract.enums],
  ] as const;
  return (
    <aside class="contents">
      <SearchBox index={index} />
      <button
        type="button"
        class="button contents-toggle"
        aria-expanded={isOpen}
        aria-controls="contents-list"
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? "Hide" : "Show"} all services
      </button>
      <nav id="contents-list" aria-label="Services and types" data-open={isOpen}>
        <a class="entry" href="#/" aria-current={path === "" ? "page" : undefined}>
          Overview
        </a>
        {contract.services.map((service) => (
          <Group key={service.typeName} isCurrent={service.typeName === serviceName}>
            <summary>
              {service.name} <PackageOf typeName={service.typeName} />
            </summary>
            <Entry name="About the service" path={service.typeName} current={path} />
            {service.methods.map((method) => (
              <Entry
                key={method.name}
                name={method.name}
                path={`${service.typeName}/${method.name}`}
                current={path}
                marks={<MethodMarks method={method} isShort />}
              />
            ))}
          </Group>
        ))}
        {types.map(([title, descs]) => (
          <Group key={title} isCurrent={descs.some(({ typeName }) => typeName === path)}>
            <summary>{title}</summary>
            {descs.map(({ name, typeName }) => (
              <Entry
                key={typeName}
                name={name}
                path={typeName}
                current={path}
                marks={<PackageOf typeName={typeName} />}
              />
            ))}
          </Group>
        ))}
      </nav>
    </aside>
  );
}

function Group({
  isCurrent,
  children,
}: {
  isCurrent: boolean;
  children: preact.ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(isCurrent);
  useEffect(() => {
    if (isCurrent) setOpen(true);
  }, [isCurrent]);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      {children}
    </details>
  );
}

function PackageOf({ typeName }: { typeName: string }) {
  const end = typeName.lastIndexOf(".");
  return end === -1 ? null : <small class="muted">{typeName.slice(0, end)}</small>;
}

function Entry({
  name,
  path,
  current,
  marks,
}: {
  name: string;
  path: string;
  current: string;
  marks?: preact.ComponentChildren;
}) {
  return (
    <a class="entry" href={hashOf(path)} aria-current={path === current ? "page" : undefined}>
      <span>{name}</span>
      {marks}
    </a>
  );
}
