import { DuckDBDataChunk, INTEGER, SMALLINT, TINYINT } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { EntryType, type ProjectedEntry } from "../../log/log.ts";
import {
  BigintBuffer,
  CHUNK_ROWS,
  IntegerBuffer,
  TextBuffer,
  type ColumnBuffer,
} from "./column-buffers.ts";

const integers = (): IntegerBuffer => new IntegerBuffer(INTEGER, new Int32Array(CHUNK_ROWS));
const smallints = (): IntegerBuffer => new IntegerBuffer(SMALLINT, new Int16Array(CHUNK_ROWS));
const tinyints = (): IntegerBuffer => new IntegerBuffer(TINYINT, new Int8Array(CHUNK_ROWS));

/**
 * Rows of the table `view` (columns/schema.ts) on their way into a chunk of
 * DuckDB. It takes some 300 KB, and is used again for each chunk.
 */
export class ViewChunk {
  readonly #project = integers();
  readonly #video = integers();
  readonly #viewer = integers();
  readonly #time = new BigintBuffer();
  readonly #views = tinyints();
  readonly #botViews = tinyints();
  readonly #watchMs = new BigintBuffer();
  readonly #progress = smallints();
  readonly #progressBefore = smallints();
  readonly #country = new TextBuffer();
  readonly #device = new TextBuffer();
  readonly #referrer = new TextBuffer();
  readonly #properties = new TextBuffer();
  readonly #botViewer = integers();
  /** In the order of the table. */
  readonly #columns: readonly ColumnBuffer[] = [
    this.#project,
    this.#video,
    this.#viewer,
    this.#time,
    this.#views,
    this.#botViews,
    this.#watchMs,
    this.#progress,
    this.#progressBefore,
    this.#country,
    this.#device,
    this.#referrer,
    this.#properties,
    this.#botViewer,
  ];
  readonly #types = this.#columns.map(({ type }) => type);
  #rows = 0;

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  get isFull(): boolean {
    return this.#rows === CHUNK_ROWS;
  }

  /** Adds the row of a VIEW or an EXTEND, if it is not full. */
  add(entry: ProjectedEntry): void {
    const row = this.#rows++;
    const isView = entry.type === EntryType.VIEW;
    this.#project.set(row, entry.project);
    this.#video.set(row, entry.video);
    this.#time.set(row, entry.time);
    this.#country.set(row, entry.country);
    this.#device.set(row, entry.device);
    this.#referrer.set(row, entry.referrer);
    this.#properties.set(row, entry.properties);
    if (entry.kind === 1) {
      this.#views.set(row, 0);
      this.#botViews.set(row, isView ? 1 : 0);
      this.#watchMs.set(row, 0);
      setOrNull(this.#botViewer, row, entry.viewer, 1);
      this.#viewer.setNull(row);
      this.#progress.setNull(row);
      this.#progressBefore.setNull(row);
    } else {
      this.#views.set(row, isView ? 1 : 0);
      this.#botViews.set(row, 0);
      this.#watchMs.set(row, entry.watchMs);
      this.#botViewer.setNull(row);
      setOrNull(this.#viewer, row, entry.viewer, 1);
      setOrNull(this.#progress, row, entry.progress, 0);
      setOrNull(this.#progressBefore, row, entry.progressBefore, 0);
    }
  }

  /** The rows as a chunk of DuckDB, after which there are none. */
  take(): DuckDBDataChunk {
    const rows = this.#rows;
    const chunk = DuckDBDataChunk.create(this.#types, rows);
    for (const [index, column] of this.#columns.entries()) {
      column.copyTo(duckdb.data_chunk_get_vector(chunk.chunk, index), rows);
    }
    this.clear();
    return chunk;
  }

  /** Forgets its rows. */
  clear(): void {
    for (const column of this.#columns) column.clear();
    this.#rows = 0;
  }
}

/** Sets a number, or null for one that is below all that there are. */
function setOrNull(column: IntegerBuffer, row: number, value: number, min: number): void {
  if (value < min) column.setNull(row);
  else column.set(row, value);
}
