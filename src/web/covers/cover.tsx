import { HEIGHT, WIDTH, type Art } from "./art.tsx";
import "./covers.css";
import { Arches, Discs, Hills, Rays, Stripes, Tiles, Waves } from "./layouts-shape.tsx";
import { Bands, Framed, Initial, Labelled, Plain } from "./layouts-type.tsx";
import { lookOf, type CoverItem } from "./looks.ts";
import { palettes } from "./palettes.ts";
import { randomOf } from "./seed.ts";
import { titleParts } from "./title-parts.ts";

/** The families of layouts; as many as {@link LAYOUTS} says. */
const layouts = [
  Bands,
  Discs,
  Framed,
  Hills,
  Labelled,
  Plain,
  Arches,
  Initial,
  Tiles,
  Stripes,
  Rays,
  Waves,
] as const;

/**
 * The cover of an item, drawn from what the catalog says of it. It decorates:
 * title and creators are to stand beside it as text.
 */
export function Cover({
  item,
  shift = 0,
}: {
  item: CoverItem;
  /** How many palettes further, where it would look like its neighbour: see shiftsInARow. */
  shift?: number | undefined;
}) {
  const look = lookOf(item, shift);
  const Layout = layouts[look.layout] ?? Bands;
  const art: Art = {
    ...titleParts(item.title === "" ? item.id : item.title),
    creator: item.creators.slice(0, 2).join(" & "),
    palette: palettes[look.palette] ?? palettes[0],
    random: randomOf(look.seed),
  };
  return (
    <svg class="cover" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      <Layout {...art} />
      {/* The hinge of the binding. */}
      <rect x={0} width={5} height={HEIGHT} fill="#000" fill-opacity={0.1} />
      <rect x={5} width={1} height={HEIGHT} fill="#fff" fill-opacity={0.16} />
    </svg>
  );
}
