import { useRef, useState } from "preact/hooks";
import type { Profile } from "../../../gen/profiles/v1/profile_pb.js";
import { marquee } from "./marquee.ts";
import { Failure, More } from "./parts.tsx";
import { usePages } from "./use-pages.ts";
import { useViewer } from "./viewer.tsx";
import { initials } from "./words.ts";

/** What a profile is called here. */
export function profileName({ firstName, lastName }: Pick<Profile, "firstName" | "lastName">) {
  return `${firstName} ${lastName}`.trim();
}

/** Says as whom one looks, and opens the choice. */
export function ViewerButton() {
  const { viewer } = useViewer();
  const dialog = useRef<HTMLDialogElement>(null);
  // How often it was opened: each time with the profiles that there are by then.
  const [opened, setOpened] = useState(0);
  const open = (): void => {
    setOpened(opened + 1);
    dialog.current?.showModal();
  };
  const close = (): void => dialog.current?.close();
  return (
    <>
      <button type="button" class="button viewer" aria-haspopup="dialog" onClick={open}>
        {viewer.name === undefined ? (
          "Look as…"
        ) : (
          <>
            <Initials name={viewer.name} />
            <span>
              <span class="visually-hidden">Looking as </span>
              {viewer.name}
            </span>
          </>
        )}
      </button>
      <dialog ref={dialog} class="viewers card" aria-labelledby="viewers-title" closedby="any">
        {opened > 0 && <Choice key={opened} opened={opened} close={close} />}
      </dialog>
    </>
  );
}

function Choice({ opened, close }: { opened: number; close: () => void }) {
  const { viewer, lookAs } = useViewer();
  const pages = usePages(JSON.stringify(["profiles", opened]), async (pageToken, signal) => {
    const request = { pageSize: 20, pageToken };
    const { profiles, nextPageToken } = await marquee.profiles.listProfiles(request, { signal });
    return { items: profiles, next: nextPageToken };
  });
  const choose = (profile?: Profile): void => {
    lookAs(profile && { id: profile.id, name: profileName(profile) });
    close();
  };
  return (
    <div class="viewers-inside">
      <header>
        <h2 id="viewers-title">Look as…</h2>
        <button type="button" class="button" aria-label="Close" onClick={close}>
          ✕
        </button>
      </header>
      <p class="muted">There are no passwords here: anybody may look as anybody.</p>
      <p class="viewers-actions">
        <button
          type="button"
          class="button"
          aria-current={viewer.name === undefined}
          onClick={() => choose()}
        >
          Go on as a guest
        </button>
        <a class="button primary" href="/sign-up" onClick={close}>
          Sign up
        </a>
      </p>
      {pages.items === undefined && pages.error !== undefined ? (
        <Failure what="The profiles could not be loaded." error={pages.error} again={pages.more} />
      ) : (
        <>
          {pages.items?.length === 0 && <p class="muted">Nobody has signed up yet.</p>}
          <ul class="profiles" aria-busy={pages.isLoading}>
            {pages.items?.map((profile) => (
              <li key={profile.id}>
                <button
                  type="button"
                  aria-current={profile.id === viewer.id}
                  onClick={() => choose(profile)}
                >
                  <Initials name={profileName(profile)} />
                  <span>{profileName(profile)}</span>
                </button>
              </li>
            ))}
          </ul>
          {pages.items !== undefined && <More pages={pages} what="profiles" hasSome />}
        </>
      )}
    </div>
  );
}

function Initials({ name }: { name: string }) {
  return (
    <span class="initials" aria-hidden="true">
      {initials(name)}
    </span>
  );
}
