import { circlePath, Ground, HEIGHT, n, Text, Title, WIDTH, type Art } from "./art.tsx";
import { pick, type Random } from "./seed.ts";

/** Layouts that live by a shape: posters and paperbacks of the fifties to seventies. */

/** The type of these layouts: at the top or the bottom, left-aligned. */
function Caption({
  art: { main, sub, creator, palette: p },
  y,
  ink = p.ink,
  height = 74,
  face = "bold",
}: {
  art: Art;
  y: number;
  ink?: string;
  height?: number;
  face?: "bold" | "sans-bold" | "serif";
}) {
  return (
    <>
      <Title
        main={main}
        sub={sub}
        {...{ x: 18, y, width: 166, height, largest: 25, smallest: 10.5, leading: 1.12 }}
        subSize={9.5}
        subFace={face === "sans-bold" ? "sans" : "italic"}
        fill={ink}
        face={face}
        valign="top"
      />
      <Text
        text={creator}
        {...{ x: 18, y: y + height + 3, width: 164, height: 18, largest: 11.5, smallest: 8 }}
        fill={ink}
        face={face === "sans-bold" ? "sans" : "serif"}
        valign="middle"
      />
    </>
  );
}

/** Discs that overlap. */
export function Discs(art: Art) {
  const { palette: p, random } = art;
  const radius = 52 + random() * 14;
  const [x, y] = [78 + random() * 44, 84 + random() * 14];
  const angle = random() * 2 * Math.PI;
  const [dx, dy] = [Math.cos(angle) * radius * 0.62, Math.sin(angle) * radius * 0.5];
  return (
    <>
      <Ground fill={p.ground} />
      <path d={circlePath(x + dx * 0.4, y + dy * 0.4, radius)} fill={p.accent} />
      <path d={circlePath(x - dx, y - dy, radius * 0.58)} fill={p.second} fill-opacity={0.92} />
      <path d={circlePath(x - dx * 0.5, y - dy * 0.5, radius * 0.16)} fill={p.ground} />
      <Caption art={art} y={188} face="sans-bold" />
    </>
  );
}

/** Hills under a sun. */
export function Hills(art: Art) {
  const { palette: p, random } = art;
  const hill = (top: number, swing: number): string => {
    const [a, b] = [top + (random() - 0.5) * swing, top + (random() - 0.5) * swing];
    return `M0 ${n(top)}C${n(50 + random() * 20)} ${n(a - swing)} ${n(90 + random() * 30)} ${n(b + swing)} ${WIDTH} ${n(top - swing * 0.4)}V${HEIGHT}H0z`;
  };
  const sun = 20 + random() * 12;
  return (
    <>
      <Ground fill={p.ground} />
      <path d={circlePath(48 + random() * 104, 176, sun)} fill={p.accent} />
      <path d={hill(206, 26)} fill={p.second} fill-opacity={0.55} />
      <path d={hill(232, 22)} fill={p.second} />
      <path d={hill(262, 18)} fill={p.paperInk} />
      <Caption art={art} y={24} face="serif" height={90} />
    </>
  );
}

/** Arches within arches. */
export function Arches(art: Art) {
  const { palette: p, random } = art;
  const count = pick(random, [4, 5, 6]);
  const x = pick(random, [64, 100, 136]);
  const largest = 92;
  const arch = (radius: number): string =>
    `M${n(x - radius)} 190V${n(190 - 84)}a${n(radius)} ${n(radius)} 0 0 1 ${n(2 * radius)} 0V190z`;
  const colours = [p.accent, p.ground, p.second, p.ground];
  return (
    <>
      <Ground fill={p.ground} />
      {Array.from({ length: count * 2 - 1 }, (_, at) => (
        <path
          key={at}
          d={arch(largest * (1 - at / (count * 2)))}
          fill={colours[at % colours.length]}
        />
      ))}
      <rect y={190} width={WIDTH} height={110} fill={p.paper} />
      <Caption art={art} y={202} ink={p.paperInk} height={66} />
    </>
  );
}

/** Tiles of quarter circles. */
export function Tiles(art: Art) {
  const { palette: p, random } = art;
  const size = pick(random, [40, 50]);
  const columns = WIDTH / size;
  const rows = Math.floor(190 / size);
  const colours = [p.accent, p.second, p.paper] as const;
  const tiles = Array.from({ length: columns * rows }, (_, at) => ({
    x: (at % columns) * size,
    y: Math.floor(at / columns) * size,
  }));
  return (
    <>
      <Ground fill={p.ground} />
      {tiles.map(({ x, y }) => (
        <path
          key={`${x} ${y}`}
          d={tile(random, size)}
          fill={pick(random, colours)}
          transform={`translate(${x} ${y})`}
        />
      ))}
      <Caption art={art} y={rows * size + 14} height={HEIGHT - rows * size - 48} face="sans-bold" />
    </>
  );
}

function tile(random: Random, s: number): string {
  const quarter = [
    `M0 0H${s}A${s} ${s} 0 0 1 0 ${s}z`,
    `M${s} 0V${s}A${s} ${s} 0 0 1 0 0z`,
    `M${s} ${s}H0A${s} ${s} 0 0 1 ${s} 0z`,
    `M0 ${s}V0A${s} ${s} 0 0 1 ${s} ${s}z`,
  ] as const;
  if (random() < 0.16) return circlePath(s / 2, s / 2, s * 0.3);
  return pick(random, quarter);
}

/** Stripes of different widths, with the title on one of them. */
export function Stripes(art: Art) {
  const { main, sub, creator, palette: p, random } = art;
  const stripes: { y: number; height: number; fill: string }[] = [];
  const colours = [p.accent, p.second, p.paper] as const;
  let y = 0;
  for (let at = 0; y < 92; at++) {
    const height = Math.min(92 - y, 7 + random() * 20);
    if (at % 2 === 0) stripes.push({ y, height, fill: colours[(at / 2) % 3] ?? p.accent });
    y += height;
  }
  return (
    <>
      <Ground fill={p.ground} />
      {stripes.map((stripe) => (
        <g key={stripe.y}>
          <rect width={WIDTH} y={stripe.y} height={stripe.height} fill={stripe.fill} />
          <rect
            width={WIDTH}
            y={HEIGHT - stripe.y * 0.55 - stripe.height * 0.55}
            height={stripe.height * 0.55}
            fill={stripe.fill}
          />
        </g>
      ))}
      <Title
        main={main}
        sub={sub}
        {...{ x: 18, y: 108, width: 166, height: 94, largest: 29, smallest: 11, leading: 1.1 }}
        fill={p.ink}
        face="bold"
      />
      <Text
        text={creator}
        {...{ x: 18, y: 214, width: 164, height: 26, largest: 12.5, smallest: 8.5 }}
        fill={p.ink}
        face="serif"
        valign="middle"
      />
    </>
  );
}

/** A sun with rays, half below the horizon. */
export function Rays(art: Art) {
  const { palette: p, random } = art;
  const [x, y] = [pick(random, [50, 100, 150]), 196];
  const count = pick(random, [9, 11, 13]);
  const rays = Array.from({ length: count }, (_, at) => {
    const [from, to] = [at / count, (at + 0.5) / count].map((share) => Math.PI * (1 + share));
    const corner = (angle = 0): string =>
      `${n(x + 320 * Math.cos(angle))} ${n(y + 320 * Math.sin(angle))}`;
    return `M${x} ${y}L${corner(from)}L${corner(to)}z`;
  });
  const disc = 34 + random() * 16;
  return (
    <>
      <Ground fill={p.ground} />
      <path d={rays.join("")} fill={p.second} fill-opacity={0.5} />
      <path d={circlePath(x, y, disc)} fill={p.accent} />
      <rect y={y} width={WIDTH} height={HEIGHT - y} fill={p.paper} />
      <Caption art={art} y={y + 12} ink={p.paperInk} height={64} face="serif" />
    </>
  );
}

/** Waves, row after row. */
export function Waves(art: Art) {
  const { palette: p, random } = art;
  const [step, swing] = [pick(random, [15, 19]), 5 + random() * 7];
  const length = pick(random, [50, 66.7, 100]);
  const rows = Math.floor(168 / step);
  const colours = [p.accent, p.second, p.ink];
  const shift = random() * length;
  const wave = (y: number): string => {
    let path = `M${n(-shift - length)} ${n(y)}`;
    for (let x = -shift - length; x < WIDTH; x += length) {
      path += `q${n(length / 4)} ${n(-swing * 2)} ${n(length / 2)} 0t${n(length / 2)} 0`;
    }
    return path;
  };
  return (
    <>
      <Ground fill={p.ground} />
      {Array.from({ length: rows }, (_, at) => HEIGHT - 16 - at * step).map((y, at) => (
        <path
          key={y}
          d={wave(y)}
          fill="none"
          stroke={colours[at % 3]}
          stroke-width={at % 3 === 2 ? 1.4 : 4}
        />
      ))}
      <Caption art={art} y={22} face="sans-bold" height={70} />
    </>
  );
}
