import { useEffect, useRef, useState } from "preact/hooks";
import { findSubject, type Contract, type Subject } from "../contract.ts";
import { defaultOptions, type CallOptions } from "../options.ts";
import { readRoute, type Route } from "../routes.ts";
import { Contents } from "./contents.tsx";
import { Method } from "./method.tsx";
import { EnumPage, MessagePage, Overview, ServicePage } from "./subjects.tsx";

/** The whole page below its top. What is shown is in the hash of the URL. */
export function Explorer({ contract }: { contract: Contract }) {
  const [route, setRoute] = useState<Route>(() => readRoute(location.hash) ?? { path: "" });
  const [options, setOptions] = useState<CallOptions>(route.options ?? defaultOptions);
  const drafts = useRef(new Map<string, string>()).current;
  const main = useRef<HTMLElement>(null);
  const subject = findSubject(contract, route.path);

  useEffect(() => {
    const follow = (): void => {
      const next = readRoute(location.hash);
      if (next === undefined) return;
      setRoute(next);
      if (next.options !== undefined) setOptions(next.options);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  useEffect(() => {
    document.title = `${subject === undefined ? "API" : subject.name} · Marquee`;
  }, [subject]);

  // Whoever comes from elsewhere on the page begins at the new heading.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current && route.member === undefined) {
      main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
    isFirst.current = false;
  }, [route]);

  return (
    <div class="explorer">
      <Contents contract={contract} path={route.path} />
      <main id="main" ref={main}>
        {route.path === "" ? (
          <Overview contract={contract} />
        ) : subject === undefined ? (
          <Unknown path={route.path} />
        ) : subject.kind === "rpc" ? (
          <Method
            key={`${route.path} ${route.request ?? ""}`}
            {...{ contract, method: subject, options, onOptions: setOptions, drafts }}
            request={route.request}
          />
        ) : (
          <Documentation contract={contract} subject={subject} member={route.member} />
        )}
      </main>
    </div>
  );
}

function Documentation({
  contract,
  subject,
  member,
}: {
  contract: Contract;
  subject: Exclude<Subject, { kind: "rpc" }>;
  member: string | undefined;
}) {
  if (subject.kind === "service") return <ServicePage service={subject} />;
  if (subject.kind === "enum") return <EnumPage {...{ contract, type: subject, member }} />;
  return <MessagePage {...{ contract, message: subject, member }} />;
}

function Unknown({ path }: { path: string }) {
  return (
    <>
      <h1 tabIndex={-1}>Not found</h1>
      <p>
        This server has nothing that is called <code>{path}</code>. <a href="#/">All services</a>
      </p>
    </>
  );
}
