import { PlatformError } from '@maru/api/errors';
import { checkMagic, type DocumentKind } from './detect-kind.ts';
import { loadCsv } from './load-csv.ts';
import { loadDocx } from './load-docx.ts';
import { loadHtml } from './load-html.ts';
import { loadMarkdown } from './load-markdown.ts';
import { loadPdf } from './load-pdf.ts';
import { loadText } from './load-text.ts';
import type { LoadedDocument, Loader, LoadInput } from './loaded-document.ts';

const LOADERS: Readonly<Record<DocumentKind, Loader>> = {
  markdown: loadMarkdown,
  html: loadHtml,
  pdf: loadPdf,
  docx: loadDocx,
  text: loadText,
  csv: loadCsv,
};

/** Raised when a loader makes other text of the same bytes: every document is then read again. */
export const LOADER_VERSION = 1;

/** Reads one file with the loader of its kind. Throws `document_unreadable` or `document_too_large`. */
export async function loadDocument(kind: DocumentKind, input: LoadInput): Promise<LoadedDocument> {
  checkMagic(input.path, kind, input.bytes);
  const document = await LOADERS[kind](input);
  const { path, maxUnpackedBytes } = input;
  if (document.text.length > maxUnpackedBytes)
    throw new PlatformError('document_too_large', { message: `${path} holds more than ${maxUnpackedBytes} characters of text: split it`, details: { path } });
  // PostgreSQL keeps no zero character in a text; a space keeps the offsets.
  return document.text.includes('\0') ? { ...document, text: document.text.replaceAll('\0', ' ') } : document;
}
