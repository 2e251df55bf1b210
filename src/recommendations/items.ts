import type { CatalogItem } from "../catalog/catalog.ts";

const none: readonly number[] = [];

/**
 * All that can be recommended in a project: what the catalog has, and what the
 * log has seen. Each has an index, from 0 up in the order in which it became
 * known, and keeps it. An id is that of an item and the name of a video alike.
 */
export class Items {
  readonly #ids: string[] = [];
  readonly #titles: string[] = [];
  readonly #categories: (readonly number[])[] = [];
  readonly #creators: (readonly number[])[] = [];
  readonly #inCatalog: boolean[] = [];
  readonly #indexes = new Map<string, number>();
  /** The video of each index; 0 for what the log has not seen. */
  readonly #videos: number[] = [];
  /** The index of each video, plus 1; 0 for one whose name is not known. */
  #indexesOfVideos = new Int32Array(1_024);
  readonly #categoryNumbers = new Map<string, number>();
  /** How many items of the catalog are in each category. */
  readonly #categorySizes: number[] = [];
  readonly #creatorNumbers = new Map<string, number>();
  #catalogSize = 0;

  /** How many indexes there are. */
  get size(): number {
    return this.#ids.length;
  }

  /** The index of an id; undefined if neither the catalog nor the log ever had it. */
  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** The index of a video; -1 while its name is not known. */
  indexOfVideo(video: number): number {
    return (this.#indexesOfVideos[video] ?? 0) - 1;
  }

  id(index: number): string {
    return this.#ids[index] ?? "";
  }

  /** The title; "" for what the catalog does not have. */
  title(index: number): string {
    return this.#titles[index] ?? "";
  }

  /** The number of its video in the log; 0 if the log has not seen it. */
  video(index: number): number {
    return this.#videos[index] ?? 0;
  }

  /** Whether the catalog has it, or the log has seen it. */
  isKnown(index: number): boolean {
    return this.#inCatalog[index] === true || this.#videos[index] !== 0;
  }

  /**
   * Whether it may be recommended: while the catalog has items only they may,
   * otherwise all that the log has seen.
   */
  isOffered(index: number): boolean {
    return this.#catalogSize > 0 ? this.#inCatalog[index] === true : this.#videos[index] !== 0;
  }

  /** The number of a category; undefined if no item of the catalog is in it. */
  category(name: string): number | undefined {
    const category = this.#categoryNumbers.get(name);
    if (category === undefined || this.#categorySizes[category] === 0) return undefined;
    return category;
  }

  isIn(index: number, category: number): boolean {
    return this.#categories[index]?.includes(category) === true;
  }

  /** The numbers of its categories; none for what the catalog does not have. */
  categoriesOf(index: number): readonly number[] {
    return this.#categories[index] ?? none;
  }

  /** The number of a creator; undefined if the catalog never had one of that name. */
  creator(name: string): number | undefined {
    return this.#creatorNumbers.get(name);
  }

  /** The numbers of its creators; none for what the catalog does not have. */
  creatorsOf(index: number): readonly number[] {
    return this.#creators[index] ?? none;
  }

  /** The catalog has a new item, or another version of one. Returns its index. */
  upsert(item: Pick<CatalogItem, "id" | "title" | "categories" | "creators">): number {
    const index = this.#add(item.id);
    this.#leaveCategories(index);
    if (this.#inCatalog[index] !== true) {
      this.#inCatalog[index] = true;
      this.#catalogSize++;
    }
    this.#titles[index] = item.title;
    const categories = item.categories.map((name) => this.#categoryNumber(name));
    this.#categories[index] = categories;
    for (const category of categories) this.#resize(category, 1);
    this.#creators[index] =
      item.creators.length === 0 ? none : item.creators.map((name) => this.#creatorNumber(name));
    return index;
  }

  /** The catalog has lost an item. */
  remove(id: string): void {
    const index = this.#indexes.get(id);
    if (index === undefined || this.#inCatalog[index] !== true) return;
    this.#leaveCategories(index);
    this.#inCatalog[index] = false;
    this.#catalogSize--;
    this.#titles[index] = "";
    this.#creators[index] = none;
  }

  /** The log has seen a video of this name. */
  see(video: number, name: string): void {
    const index = this.#add(name);
    this.#videos[index] = video;
    if (video >= this.#indexesOfVideos.length) {
      const longer = new Int32Array(Math.max(video + 1, 2 * this.#indexesOfVideos.length));
      longer.set(this.#indexesOfVideos);
      this.#indexesOfVideos = longer;
    }
    this.#indexesOfVideos[video] = index + 1;
  }

  #add(id: string): number {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    const index = this.#ids.length;
    this.#indexes.set(id, index);
    this.#ids.push(id);
    this.#titles.push("");
    this.#categories.push(none);
    this.#creators.push(none);
    this.#inCatalog.push(false);
    this.#videos.push(0);
    return index;
  }

  #leaveCategories(index: number): void {
    for (const category of this.#categories[index] ?? []) this.#resize(category, -1);
    this.#categories[index] = none;
  }

  #categoryNumber(name: string): number {
    const known = this.#categoryNumbers.get(name);
    if (known !== undefined) return known;
    const category = this.#categorySizes.length;
    this.#categoryNumbers.set(name, category);
    this.#categorySizes.push(0);
    return category;
  }

  #creatorNumber(name: string): number {
    const known = this.#creatorNumbers.get(name);
    if (known !== undefined) return known;
    const creator = this.#creatorNumbers.size;
    this.#creatorNumbers.set(name, creator);
    return creator;
  }

  #resize(category: number, by: number): void {
    this.#categorySizes[category] = (this.#categorySizes[category] ?? 0) + by;
  }
}
