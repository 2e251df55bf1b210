import type { Item } from "../../../gen/catalog/v1/item_pb.js";

/** How the property "sample" of an item begins until all of the sample is there. */
const LOADING = "loading since ";

/**
 * What is to be offered where the catalog begins with these items: to load the
 * sample where it is empty, to finish that where it was broken off, or else
 * nothing.
 */
export function sampleOfferFor([first]: readonly Item[]): "load" | "finish" | undefined {
  if (first === undefined) return "load";
  return first.properties["sample"]?.startsWith(LOADING) === true ? "finish" : undefined;
}
