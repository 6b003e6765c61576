import type { DocumentKind } from './loaders/detect-kind.ts';

/** A document of a base; a failed one is listed with the reason, and its earlier passages are gone. */
export interface DocumentInfo {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly bytes: number;
  readonly passages: number;
  readonly state: 'indexed' | 'failed';
  readonly error: { readonly code: string; readonly message: string } | null;
  /** For a person, for example that some characters could not be read. */
  readonly note: string | null;
  readonly ingestedMs: number;
}

/** A document with the text in which the offsets of its passages count. */
export interface DocumentDetail extends DocumentInfo {
  readonly text: string;
}

export interface DocumentRow {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly kind: string;
  readonly bytes: number;
  readonly passages: number;
  readonly state: string;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly note: string | null;
  readonly ingested_ms: number;
}

export function toDocumentInfo(row: DocumentRow): DocumentInfo {
  return {
    id: row.id,
    path: row.path,
    title: row.title,
    kind: row.kind as DocumentKind,
    bytes: row.bytes,
    passages: row.passages,
    state: row.state === 'failed' ? 'failed' : 'indexed',
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    note: row.note,
    ingestedMs: row.ingested_ms,
  };
}
