import type { DocumentKind } from '../loaders/detect-kind.ts';
import type { LoadedDocument } from '../loaders/loaded-document.ts';

/** What the platform asks of the loader process, one at a time. */
export interface LoadRequest {
  readonly kind: DocumentKind;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly maxUnpackedBytes: number;
}

/** What the loader process says. */
export type LoaderMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'loaded'; readonly document: LoadedDocument }
  | { readonly type: 'refused'; readonly code: 'document_unreadable' | 'document_too_large'; readonly message: string };
