import { Ground, HEIGHT, Text, Title, WIDTH, type Art, type Face } from "./art.tsx";
import { paperPattern, sign, star } from "./ornaments.ts";
import { shapeOnPaper } from "./palettes.ts";
import { pick } from "./seed.ts";

/** Layouts that live by their type: paperback series and small presses. */

/** Three bands, the title on paper in the middle: a paperback of the thirties. */
export function Bands({ main, sub, creator, palette: p, random }: Art) {
  const emblem = sign(random);
  return (
    <>
      <Ground fill={p.ground} />
      <rect y={92} width={WIDTH} height={116} fill={p.paper} />
      <rect y={96} width={WIDTH} height={0.8} fill={p.ground} />
      <rect y={203} width={WIDTH} height={0.8} fill={p.ground} />
      <path d={emblem} fill={p.accent} transform="translate(100 46) scale(1.9)" />
      <Title
        main={main}
        sub={sub}
        {...{ x: 100, y: 102, width: 164, height: 96, largest: 27, smallest: 11 }}
        fill={p.paperInk}
        face="bold"
        anchor="middle"
        valign="middle"
      />
      <Text
        text={creator}
        {...{ x: 100, y: 224, width: 164, height: 50, largest: 14.5, smallest: 9, leading: 1.3 }}
        fill={p.ink}
        face="serif"
        anchor="middle"
        valign="middle"
      />
    </>
  );
}

/** Framed by rules on paper, with a fleuron: a private press. */
export function Framed({ main, sub, creator, palette: p, random }: Art) {
  const inset = pick(random, [13, 16]);
  const emblem = sign(random);
  const frame = (at: number, width: number) => (
    <rect
      x={at}
      y={at}
      width={WIDTH - 2 * at}
      height={HEIGHT - 2 * at}
      fill="none"
      stroke={p.paperInk}
      stroke-width={width}
    />
  );
  const corner = star(0, 0, 6, 2, 4);
  return (
    <>
      <Ground fill={p.paper} />
      {frame(inset, 2)}
      {frame(inset + 5, 0.7)}
      {[
        [inset + 14, inset + 14],
        [WIDTH - inset - 14, inset + 14],
        [inset + 14, HEIGHT - inset - 14],
        [WIDTH - inset - 14, HEIGHT - inset - 14],
      ].map(([x, y]) => (
        <path key={`${x} ${y}`} d={corner} fill={p.paperInk} transform={`translate(${x} ${y})`} />
      ))}
      <Title
        main={main}
        sub={sub}
        {...{ x: 100, y: 50, width: 138, height: 118, largest: 27, smallest: 11, leading: 1.18 }}
        fill={p.paperInk}
        face="serif"
        anchor="middle"
        valign="middle"
      />
      <path d={emblem} fill={shapeOnPaper(p)} transform="translate(100 192) scale(1.35)" />
      <Text
        text={creator}
        {...{ x: 100, y: 220, width: 126, height: 36, largest: 13, smallest: 9, leading: 1.25 }}
        fill={p.paperInk}
        face="italic"
        anchor="middle"
        valign="middle"
      />
    </>
  );
}

/** Patterned paper with a label: the little books of Insel. */
export function Labelled({ main, sub, creator, palette: p, random }: Art) {
  const [first, second] = paperPattern(random, WIDTH, HEIGHT);
  const top = pick(random, [46, 62]);
  const height = 126;
  return (
    <>
      <Ground fill={p.ground} />
      <path d={first} fill={p.accent} />
      <path d={second} fill={p.second} />
      <rect x={29} y={top} width={142} height={height} fill={p.paper} />
      <rect
        x={33.5}
        y={top + 4.5}
        width={133}
        height={height - 9}
        fill="none"
        stroke={p.paperInk}
        stroke-width={0.9}
      />
      <Title
        main={main}
        sub={sub}
        {...{ x: 100, y: top + 12, width: 122, height: 72, largest: 20, smallest: 9.5 }}
        subSize={8.5}
        fill={p.paperInk}
        face="serif"
        anchor="middle"
        valign="middle"
      />
      <rect x={88} y={top + 89} width={24} height={0.8} fill={p.paperInk} />
      <Text
        text={creator}
        {...{ x: 100, y: top + 94, width: 122, height: 24, largest: 10.5, smallest: 7.5 }}
        fill={p.paperInk}
        face="italic"
        anchor="middle"
        valign="middle"
      />
    </>
  );
}

/** One colour, and large type: an essay of today. */
export function Plain({ main, sub, creator, palette: p, random }: Art) {
  const emblem = sign(random);
  const face = pick<Face>(random, ["serif", "italic"]);
  return (
    <>
      <Ground fill={p.ground} />
      <Title
        main={main}
        sub={sub}
        {...{ x: 20, y: 26, width: 162, height: 158, largest: 36, smallest: 12, leading: 1.1 }}
        subSize={11.5}
        fill={p.ink}
        face={face}
      />
      <rect x={20} y={214} width={34} height={2.4} fill={p.accent} />
      <Text
        text={creator}
        {...{ x: 20, y: 226, width: 128, height: 46, largest: 13.5, smallest: 9, leading: 1.3 }}
        fill={p.ink}
        face="serif"
      />
      <path d={emblem} fill={p.accent} transform="translate(168 268) scale(1)" />
    </>
  );
}

/** The first letter of the title, as large as the cover. */
export function Initial({ main, sub, creator, palette: p, random }: Art) {
  const words = main.split(" ");
  const word =
    words.length > 1 && /^(?:the|a|an|der|die|das|le|la|les)$/i.test(words[0] ?? "")
      ? words[1]
      : words[0];
  const letter = [...(word ?? "").replaceAll(/[^\p{L}\p{N}]/gu, "")][0] ?? "✻";
  const x = pick(random, [92, 118]);
  return (
    <>
      <Ground fill={p.ground} />
      <text class="cover-bold" x={x} y={188} font-size={232} text-anchor="middle" fill={p.accent}>
        {letter.toUpperCase()}
      </text>
      <rect y={200} width={WIDTH} height={100} fill={p.paper} />
      <Title
        main={main}
        sub={sub}
        {...{ x: 18, y: 211, width: 166, height: 54, largest: 21, smallest: 10, leading: 1.12 }}
        subSize={8.5}
        fill={p.paperInk}
        face="bold"
        valign="middle"
      />
      <Text
        text={creator}
        {...{ x: 18, y: 270, width: 164, height: 18, largest: 11, smallest: 8 }}
        fill={p.paperInk}
        face="serif"
        valign="middle"
      />
    </>
  );
}
