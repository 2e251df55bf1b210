import { useEffect, useRef, useState } from "preact/hooks";
import { marquee } from "./marquee.ts";
import { go } from "./navigation.ts";
import { Heading } from "./parts.tsx";
import { fields, signUpFaults, type Field, type SignUpFaults } from "./sign-up.ts";
import { profileName } from "./viewer-dialog.tsx";
import { useViewer } from "./viewer.tsx";

const labels: Readonly<Record<Field, string>> = {
  first_name: "First name",
  last_name: "Last name",
  email: "Email",
};

const autocomplete: Readonly<Record<Field, string>> = {
  first_name: "given-name",
  last_name: "family-name",
  email: "email",
};

const noFaults: SignUpFaults = { at: {}, elsewhere: "" };

/** Signs up as a reader, and goes on as them. What is wrong is said at the field. */
export function SignUpPage() {
  const { lookAs } = useViewer();
  const [faults, setFaults] = useState(noFaults);
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = async (): Promise<void> => {
    if (form.current === null || isSending) return;
    const given = new FormData(form.current);
    const value = (field: Field): string => String(given.get(field) ?? "").trim();
    setSending(true);
    try {
      const { profile } = await marquee.profiles.createProfile({
        firstName: value("first_name"),
        lastName: value("last_name"),
        email: value("email"),
      });
      if (profile !== undefined) lookAs({ id: profile.id, name: profileName(profile) });
      go({ page: "front" });
    } catch (error) {
      setFaults(signUpFaults(error));
      setSending(false);
    }
  };
  // To where the first fault is.
  useEffect(() => {
    const first = fields.find((field) => faults.at[field] !== undefined);
    if (first !== undefined) document.getElementById(first)?.focus();
  }, [faults]);
  return (
    <div class="sign-up">
      <Heading title="Sign up">Sign up</Heading>
      <p class="muted">
        A name to look by, and recommendations of your own. There is no password: anybody may look
        as anybody here.
      </p>
      <form
        class="card"
        ref={form}
        // The server says what is wrong, so that there is one set of rules.
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {fields.map((field) => (
          <SignUpField key={field} field={field} fault={faults.at[field]} />
        ))}
        {faults.elsewhere !== "" && (
          <p class="notice" role="alert">
            {faults.elsewhere}
          </p>
        )}
        <button type="submit" class="button primary" disabled={isSending}>
          {isSending ? "Signing up…" : "Sign up"}
        </button>
      </form>
    </div>
  );
}

function SignUpField({ field, fault }: { field: Field; fault: string | undefined }) {
  return (
    <div class="sign-up-field">
      <label for={field}>{labels[field]}</label>
      <input
        id={field}
        name={field}
        class="field"
        // A field of type "email" would not give what is no address to the server.
        inputMode={field === "email" ? "email" : "text"}
        autocomplete={autocomplete[field]}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${field}-fault`}
      />
      {fault !== undefined && (
        <p class="fault" id={`${field}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
