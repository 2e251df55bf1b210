import type { MarqueeClient } from "../../../src/client/client.ts";

/** The categories of the shop, each with as many items and its own audience. */
const categories = ["romance", "mystery", "science-fiction"] as const;
const ITEMS = 20;
const VIEWERS = 15;
/** How many items of their category each viewer opened. */
const VIEWS = 8;

const words: Readonly<Record<(typeof categories)[number], string>> = {
  romance: "A Love Story",
  mystery: "The Case of the Missing Clue",
  "science-fiction": "Beyond the Last Star",
};

/** Fills a server with a small catalog, and with views by people of different tastes. */
export async function fillShop(client: MarqueeClient): Promise<void> {
  const items = categories.flatMap((category) =>
    Array.from({ length: ITEMS }, (_, at) => ({
      id: `${category}-${at}`,
      title: `${words[category]}, Part ${at + 1}`,
      creators: [`Author ${at % 7}`],
      categories: [category],
      description: `One of the books of ${category}.`,
      properties: { year: String(1900 + at) },
    })),
  );
  await client.catalog.upsertItems({ items });
  await using ingest = client.ingest();
  for (const category of categories) {
    for (let viewer = 0; viewer < VIEWERS; viewer++) {
      for (let view = 0; view < VIEWS; view++) {
        await ingest.log({
          videoName: `${category}-${(viewer + view * view) % ITEMS}`,
          viewerId: `${category}-reader-${viewer}`,
        });
      }
    }
  }
  await ingest.flush();
}
