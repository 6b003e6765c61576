import { PlatformError } from '@maru/api/errors';
import { decodeText } from './decode-text.ts';
import { htmlToMarkdown } from './html-to-markdown.ts';
import type { Loader } from './loaded-document.ts';
import { markdownSections } from './markdown-sections.ts';
import { titleOfPath } from './title-of-path.ts';

/** Below this a page is no article, and its whole body is taken. */
const MIN_ARTICLE_CHARACTERS = 400;

/** HTML: the article without menus and scripts, as Markdown. */
export const loadHtml: Loader = async ({ path, bytes }) => {
  const decoded = decodeText(path, bytes);
  try {
    const { markdown, title } = await readPage(decoded.text);
    const outline = await markdownSections(markdown);
    return {
      title: title || outline.title || titleOfPath(path),
      text: markdown,
      sections: outline.sections,
      rows: false,
      ...(decoded.note === undefined ? {} : { note: decoded.note }),
    };
  } catch (cause) {
    // Elements nested a hundred thousand deep end the recursion of every DOM.
    throw new PlatformError('document_unreadable', { message: `${path} can not be read as HTML: ${(cause as Error).message}`, cause, details: { path } });
  }
};

async function readPage(html: string): Promise<{ markdown: string; title: string }> {
  const [{ parseHTML }, { Readability }] = await Promise.all([import('linkedom'), import('@mozilla/readability')]);
  const { document } = parseHTML(html);
  for (const element of document.querySelectorAll('script, style, template, noscript')) element.remove();
  const title = (document.querySelector('title')?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const heading = document.querySelector('h1')?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  const whole = document.cloneNode(true) as typeof document;
  const article = new Readability(document, { charThreshold: MIN_ARTICLE_CHARACTERS, maxElemsToParse: 200_000 }).parse();
  if (article?.content != null && (article.textContent ?? '').length >= MIN_ARTICLE_CHARACTERS) {
    const markdown = await htmlToMarkdown(parseHTML(`<html><body>${article.content}</body></html>`).document.body);
    return { markdown: withHeading(markdown, heading), title: heading || title };
  }
  for (const element of whole.querySelectorAll('nav, footer')) element.remove();
  return { markdown: await htmlToMarkdown(whole.body ?? whole.documentElement), title: heading || title };
}

/** Readability drops the first heading, or puts it a level lower. */
function withHeading(markdown: string, heading: string): string {
  if (heading === '' || /^# /m.test(markdown)) return markdown;
  const lowered = `## ${heading}\n`;
  return `# ${heading}\n\n${markdown.startsWith(lowered) ? markdown.slice(lowered.length).trimStart() : markdown}`;
}
