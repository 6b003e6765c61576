import { PlatformError } from '@maru/api/errors';
import type { PDFDocumentProxy } from 'unpdf/pdfjs';
import { joinPdfItems, type PdfItem } from './join-pdf-items.ts';
import type { Loader, Section } from './loaded-document.ts';
import { titleOfPath } from './title-of-path.ts';

const MAX_PAGES = 5000;

/** PDF: one section per page. Only the text layer is read; scanned pages have none and are noted. */
export const loadPdf: Loader = async ({ path, bytes, signal }) => {
  const pdf = await openPdf(path, bytes);
  try {
    if (pdf.numPages > MAX_PAGES)
      throw new PlatformError('document_too_large', { message: `${path} has more than ${MAX_PAGES} pages: split it`, details: { path } });
    let text = '';
    let empty = 0;
    const sections: Section[] = [];
    for (let number = 1; number <= pdf.numPages; number += 1) {
      signal.throwIfAborted();
      const start = text.length;
      const page = await readPage(pdf, number);
      if (page === '') empty += 1;
      text += `${page}\n\n`;
      sections.push({ start, end: text.length, headings: [], page: number });
    }
    if (empty === pdf.numPages) throw unreadable(path, 'has no text layer: run OCR on it first');
    const title = await titleOf(pdf);
    const note = empty === 0 ? undefined : `${empty} of ${pdf.numPages} pages have no text`;
    return { title: title ?? titleOfPath(path), text, sections, rows: false, ...(note === undefined ? {} : { note }) };
  } catch (cause) {
    if (cause instanceof PlatformError || signal.aborted) throw cause;
    throw unreadable(path, `is a broken PDF: ${(cause as Error).message}`, cause);
  } finally {
    await pdf.loadingTask.destroy();
  }
};

async function openPdf(path: string, bytes: Uint8Array): Promise<PDFDocumentProxy> {
  const { getDocumentProxy } = await import('unpdf');
  try {
    // pdf.js takes the buffer over, so it gets its own copy.
    return await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
  } catch (cause) {
    if ((cause as Error).name === 'PasswordException') throw unreadable(path, 'is encrypted: remove its password', cause);
    throw unreadable(path, `is a broken PDF: ${(cause as Error).message}`, cause);
  }
}

async function readPage(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  const content = await page.getTextContent();
  page.cleanup();
  return joinPdfItems(content.items.filter((item) => 'str' in item) as PdfItem[]);
}

async function titleOf(pdf: PDFDocumentProxy): Promise<string | undefined> {
  const { info } = await pdf.getMetadata();
  const title = (info as { Title?: unknown }).Title;
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : undefined;
}

function unreadable(path: string, what: string, cause?: unknown): PlatformError {
  return new PlatformError('document_unreadable', { message: `${path} ${what}`, details: { path }, ...(cause === undefined ? {} : { cause }) });
}
