/** A part of a document with its place: below a heading, or on a page, or a row of a table. */
export interface Section {
  /** Offsets into the text of the document, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** Headings above and including this one, outermost first. */
  readonly headings: readonly string[];
  /** Fragment of the last heading, as on GitHub. */
  readonly anchor?: string;
  /** From 1. */
  readonly page?: number;
}

/** What every loader makes of a file. */
export interface LoadedDocument {
  readonly title: string;
  /** The text in which all offsets count: the file itself for Markdown, plain text; what was extracted for all others. */
  readonly text: string;
  /** In order, without gaps, from the first to the last character. */
  readonly sections: readonly Section[];
  /** True when a section must stand alone: the rows of a table. */
  readonly rows: boolean;
  /** For a person, for example that some characters could not be read. */
  readonly note?: string;
}

export interface LoadInput {
  /** Relative path, for titles and messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly maxUnpackedBytes: number;
  readonly signal: AbortSignal;
}

/** Throws `document_unreadable` or `document_too_large`; the message names the path. */
export type Loader = (input: LoadInput) => Promise<LoadedDocument>;
