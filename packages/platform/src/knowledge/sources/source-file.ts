import type { DocumentKind } from '../loaders/detect-kind.ts';

/** A file that a source names and that is a document by its name. */
export interface SourceFile {
  /** Unique in the base; what documents and citations are called. */
  readonly path: string;
  /** Where it lies, with all links resolved. */
  readonly absolute: string;
  readonly kind: DocumentKind;
}

export interface SourceSettings {
  /** A folder or file, relative to the root of the base. */
  readonly path: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface SourceListing {
  readonly files: readonly SourceFile[];
  /** Files that are left out, with the reason: of an unknown kind, or a link that leads out of the source. */
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
}
