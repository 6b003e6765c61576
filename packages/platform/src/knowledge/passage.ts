import { citationOf } from './citation.ts';

/** A passage with its place; `text` is what stands between the offsets of the document's text. */
export interface Passage {
  readonly id: string;
  /** For people: `guide.md § Installing`, `paper.pdf p. 3`. */
  readonly citation: string;
  /** Path of the document, relative to its source. */
  readonly document: string;
  readonly title: string;
  /** Headings above the passage, outermost first. */
  readonly headings: readonly string[];
  /** The innermost heading. */
  readonly heading: string | null;
  /** Fragment of the heading, as in `guide.md#installing`. */
  readonly anchor: string | null;
  /** From 1. */
  readonly page: number | null;
  readonly text: string;
  /** Offsets into the document's text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** A passage that a search found. */
export interface FoundPassage extends Passage {
  readonly score: number;
  /** What each side gave; zero where the side was not asked. */
  readonly parts: { readonly bm25: number; readonly vector: number };
}

export interface PassageRow {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly headings: string;
  readonly anchor: string | null;
  readonly page: number | null;
  readonly start_offset: number;
  readonly end_offset: number;
  readonly text: string;
}

export function toPassage(row: PassageRow): Passage {
  const headings = JSON.parse(row.headings) as string[];
  return {
    id: row.id,
    citation: citationOf({ document: row.path, headings, page: row.page }),
    document: row.path,
    title: row.title,
    headings,
    heading: headings.at(-1) ?? null,
    anchor: row.anchor,
    page: row.page,
    text: row.text,
    start: row.start_offset,
    end: row.end_offset,
  };
}
