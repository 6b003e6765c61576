import { PlatformError } from '@maru/api/errors';
import { checkZip } from './check-zip.ts';
import { htmlToMarkdown } from './html-to-markdown.ts';
import type { Loader } from './loaded-document.ts';
import { markdownSections } from './markdown-sections.ts';
import { titleOfPath } from './title-of-path.ts';

/** Word documents: the archive is counted first, then its text becomes HTML, then Markdown with tables. Images are left out. */
export const loadDocx: Loader = async ({ path, bytes, maxUnpackedBytes, signal }) => {
  const names = await checkZip({ path, bytes, maxUnpackedBytes, signal });
  if (!names.includes('word/document.xml'))
    throw new PlatformError('document_unreadable', { message: `${path} is an archive, but no Word document`, details: { path } });
  const html = await toHtml(path, bytes);
  const text = await htmlToMarkdown(html);
  const { title, sections } = await markdownSections(text);
  return { title: title ?? titleOfPath(path), text, sections, rows: false };
};

async function toHtml(path: string, bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await import('mammoth');
  try {
    const result = await mammoth.convertToHtml(
      { buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) },
      {
        convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
        externalFileAccess: false,
        styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
      },
    );
    return result.value;
  } catch (cause) {
    throw new PlatformError('document_unreadable', { message: `${path} is a broken Word document: ${(cause as Error).message}`, cause, details: { path } });
  }
}
