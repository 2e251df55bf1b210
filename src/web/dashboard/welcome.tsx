import { useState } from "preact/hooks";

/** What a server without a view shows. */
export function Welcome() {
  const command = [
    `curl ${location.origin}/analytics.v1.AnalyticsService/LogView \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{"videoName": "sintel", "viewerId": "ann", "country": "NL"}'`,
  ].join("\n");
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      // Not allowed here: the text can be selected all the same.
      () => setCopied(false),
    );
  };
  return (
    <section class="card welcome" aria-label="No views yet">
      <h2>No views yet</h2>
      <p>
        This page fills by itself as soon as somebody views something. To see it happen, log a view
        from a terminal:
      </p>
      <pre>
        <code>{command}</code>
      </pre>
      <p>
        <button type="button" class="button" onClick={copy}>
          {isCopied ? "Copied" : "Copy"}
        </button>{" "}
        <a href="/docs">All methods</a> · <a href="/">Open the storefront</a>
      </p>
    </section>
  );
}
