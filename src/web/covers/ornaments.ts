import { circlePath, n } from "./art.tsx";
import { pick, type Random } from "./seed.ts";

/** A small sign for the middle of a band, as a path around 0, 0 with a radius of about 10. */
export function sign(random: Random): string {
  const kind = pick(random, ["star", "flower", "sun", "diamonds", "moon", "leaf"]);
  if (kind === "moon") return "M2 -10A10 10 0 1 0 8 7A8 8 0 1 1 2 -10z";
  if (kind === "leaf")
    return "M0 -12C5 -6 5 3 0 10C-5 3 -5 -6 0 -12zM-2.5 10C-11 9 -13 2 -12 -5C-6 -2 -4 3 -2.5 10zM2.5 10C4 3 6 -2 12 -5C13 2 11 9 2.5 10z";
  if (kind === "diamonds") {
    return diamond(0, 6) + diamond(-13, 4) + diamond(13, 4);
  }
  if (kind === "star") return star(0, 0, 11, 4.2, pick(random, [4, 5, 6, 8]));
  if (kind === "sun") return star(0, 0, 11, 7.5, 16);
  const petals = pick(random, [5, 6, 8]);
  return Array.from({ length: petals }, (_, at) => {
    const angle = (at / petals) * 2 * Math.PI;
    return circlePath(6.5 * Math.sin(angle), -6.5 * Math.cos(angle), 3.3);
  }).join("");
}

/** A square on its corner, around x, 0. */
function diamond(x: number, r: number): string {
  return `M${x} ${-r}L${x + r} 0L${x} ${r}L${x - r} 0z`;
}

/** A star with points on a circle, and notches on a smaller one. */
export function star(x: number, y: number, outer: number, inner: number, points: number): string {
  const corners = Array.from({ length: points * 2 }, (_, at) => {
    const radius = at % 2 === 0 ? outer : inner;
    const angle = (at / (points * 2)) * 2 * Math.PI;
    return `${n(x + radius * Math.sin(angle))} ${n(y - radius * Math.cos(angle))}`;
  });
  return `M${corners.join("L")}z`;
}

/** A pattern for paper, over a whole area: two paths, one for each colour of it. */
export function paperPattern(
  random: Random,
  width: number,
  height: number,
): readonly [string, string] {
  const kind = pick<Motif>(random, ["scales", "dots", "stars", "petals", "chevrons", "tiles"]);
  const step = pick(random, [20, 25]);
  const paths: [string, string] = ["", ""];
  for (let row = -1; row * step <= height + step; row++) {
    for (let column = -1; column * step <= width + step; column++) {
      const x = (column + (row % 2 === 0 ? 0 : 0.5)) * step;
      const y = row * step;
      const [first, second] = motif(kind, x, y, step);
      paths[0] += first;
      paths[1] += second;
    }
  }
  return paths;
}

type Motif = "scales" | "dots" | "stars" | "petals" | "chevrons" | "tiles";

function motif(kind: Motif, x: number, y: number, step: number): readonly [string, string] {
  const r = step / 2;
  switch (kind) {
    case "scales":
      return [
        `M${n(x - r)} ${n(y)}a${r} ${r} 0 0 0 ${step} 0a${r} ${r} 0 0 1 -${step} 0z`,
        circlePath(x, y + r * 0.3, r * 0.2),
      ];
    case "dots":
      return [circlePath(x, y, r * 0.42), circlePath(x + r, y, r * 0.14)];
    case "stars":
      return [star(x, y, r * 0.66, r * 0.2, 4), circlePath(x + r, y, r * 0.12)];
    case "petals": {
      const [a, b] = [n(r * 0.42), n(r * 0.86)];
      const petal = (dx: number, dy: number): string =>
        `M${n(x)} ${n(y)}q${n(dx * r * 0.5 - dy * r * 0.3)} ${n(dy * r * 0.5 + dx * r * 0.3)} ${n(dx * Number(b))} ${n(dy * Number(b))}q${n(-dx * r * 0.36 + dy * r * 0.3)} ${n(-dy * r * 0.36 - dx * r * 0.3)} ${n(-dx * Number(b))} ${n(-dy * Number(b))}z`;
      return [
        petal(0, -1) + petal(0, 1) + petal(1, 0) + petal(-1, 0),
        circlePath(x + r, y, Number(a) * 0.4),
      ];
    }
    case "chevrons":
      return [
        `M${n(x - r)} ${n(y)}l${n(r)} ${n(-r * 0.7)}l${n(r)} ${n(r * 0.7)}v${n(r * 0.36)}l${n(-r)} ${n(-r * 0.7)}l${n(-r)} ${n(r * 0.7)}z`,
        `M${n(x)} ${n(y + r * 0.1)}l${n(r * 0.24)} ${n(r * 0.24)}l${n(-r * 0.24)} ${n(r * 0.24)}l${n(-r * 0.24)} ${n(-r * 0.24)}z`,
      ];
    case "tiles":
      return [
        `M${n(x)} ${n(y - r * 0.8)}L${n(x + r * 0.5)} ${n(y)}L${n(x)} ${n(y + r * 0.8)}L${n(x - r * 0.5)} ${n(y)}z`,
        star(x + r, y, r * 0.3, r * 0.12, 4),
      ];
  }
}
