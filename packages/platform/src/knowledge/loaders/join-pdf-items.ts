/** A run of text on a page, as pdf.js gives it. */
export interface PdfItem {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  /** Entry 5 is the distance from the bottom of the page. */
  readonly transform: readonly number[];
}

/**
 * Text runs to lines and paragraphs, in the order of the file, which is the reading order in most PDFs, also with two columns.
 * A gap of more than one and a half lines ends a paragraph; a word that is cut by a hyphen at the end of a line is joined.
 */
export function joinPdfItems(items: readonly PdfItem[]): string {
  let text = '';
  let lastY: number | undefined;
  let lineHeight = 0;
  for (const item of items) {
    const y = item.transform[5] ?? 0;
    if (lastY !== undefined && item.str.trim() !== '') {
      const drop = Math.abs(lastY - y);
      const height = Math.max(lineHeight, item.height, 1);
      if (drop > height * 1.9) text = `${text.trimEnd()}\n\n`;
      else if (drop > height * 0.5 && !text.endsWith('\n')) text += '\n';
    }
    text += item.str;
    if (item.hasEOL && !text.endsWith('\n')) text += '\n';
    if (item.str.trim() !== '') {
      lastY = y;
      lineHeight = item.height;
    }
  }
  return text
    .replace(/[ \t]+\n/g, '\n')
    .replace(/(\p{Ll})-\n(\p{Ll})/gu, '$1$2')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
