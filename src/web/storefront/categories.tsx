import { useState } from "preact/hooks";
import type { ListCategoriesResponse } from "../../../gen/catalog/v1/catalog_service_pb.js";
import { marquee } from "./marquee.ts";
import { hrefOf } from "./router.ts";
import { useCall, type Call } from "./use-call.ts";
import { categoryName } from "./words.ts";

/** How many are shown before all are asked for. */
const FIRST = 10;
/** How many there seem to be while they are loaded. */
const PLACEHOLDERS = 8;

/** All categories, those with the most items first. */
export function useCategories(): Call<ListCategoriesResponse> {
  return useCall("categories", (signal) => marquee.catalog.listCategories({}, { signal }));
}

/** The categories as links; what cannot be loaded is left out, for the page goes without. */
export function Categories({ current = "" }: { current?: string }) {
  const { data, isLoading } = useCategories();
  const [isOpen, setOpen] = useState(false);
  const all = data?.categories ?? [];
  if (all.length === 0 && !isLoading) return null;
  const shown = isOpen ? all : all.filter(({ name }, at) => at < FIRST || name === current);
  return (
    <nav class={isOpen ? "chips open" : "chips"} aria-label="Categories">
      <ul>
        {shown.map(({ name }) => (
          <li key={name}>
            <a
              class="chip"
              href={hrefOf({ page: "category", category: name })}
              aria-current={name === current ? "page" : undefined}
            >
              {categoryName(name)}
            </a>
          </li>
        ))}
        {all.length > shown.length && (
          <li>
            <button type="button" class="chip" onClick={() => setOpen(true)}>
              All {all.length}
            </button>
          </li>
        )}
        {all.length === 0 &&
          Array.from({ length: PLACEHOLDERS }, (_, at) => (
            <li key={at} class="chip placeholder" aria-hidden="true">
              &nbsp;
            </li>
          ))}
      </ul>
    </nav>
  );
}
