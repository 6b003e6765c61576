import { PlatformError } from '@maru/api/errors';
import { checkNesting } from './check-nesting.ts';
import { decodeText } from './decode-text.ts';
import { htmlToMarkdown } from './html-to-markdown.ts';
import type { Loader } from './loaded-document.ts';
import { markdownSections } from './markdown-sections.ts';
import { titleOfPath } from './title-of-path.ts';

type Page = ReturnType<typeof import('linkedom')['parseHTML']>['document'];

/** Below this a page is no article, and its whole body is taken. */
const MIN_ARTICLE_CHARACTERS = 400;

/** HTML: the article without menus and scripts, as Markdown. */
export const loadHtml: Loader = async ({ path, bytes }) => {
  const decoded = decodeText(path, bytes);
  checkNesting(path, decoded.text);
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
    throw new PlatformError('document_unreadable', { message: `${path} can not be read as HTML: ${(cause as Error).message}`, cause, details: { path } });
  }
};

async function readPage(html: string): Promise<{ markdown: string; title: string }> {
  const { parseHTML } = await import('linkedom');
  const { document } = parseHTML(/<(?:html|body)\b/i.test(html) ? html : `<html><body>${html}</body></html>`);
  for (const element of document.querySelectorAll('script, style, template, noscript')) element.remove();
  const title = (document.querySelector('title')?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const heading = document.querySelector('h1')?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  const markdown = (await markedArticle(document)) ?? (await guessedArticle(document)) ?? (await wholeBody(document));
  return { markdown: withHeading(markdown, heading), title: heading || title };
}

/** The one element in which the author put the text. */
async function markedArticle(document: Page): Promise<string | undefined> {
  const marked = document.querySelectorAll('main').length === 1 ? document.querySelectorAll('main') : document.querySelectorAll('article');
  const [element] = marked;
  if (marked.length !== 1 || element === undefined || (element.textContent ?? '').trim() === '') return undefined;
  for (const menu of element.querySelectorAll('nav, footer')) menu.remove();
  return await htmlToMarkdown(element.innerHTML);
}

/** What Readability takes for the article; not when tables get lost on the way. */
async function guessedArticle(document: Page): Promise<string | undefined> {
  const [{ parseHTML }, { Readability }] = await Promise.all([import('linkedom'), import('@mozilla/readability')]);
  const tables = document.querySelectorAll('table').length;
  const article = new Readability(document.cloneNode(true) as Page, { charThreshold: MIN_ARTICLE_CHARACTERS, maxElemsToParse: 200_000 }).parse();
  if (article?.content == null || (article.textContent ?? '').length < MIN_ARTICLE_CHARACTERS) return undefined;
  const { document: found } = parseHTML(`<html><body>${article.content}</body></html>`);
  return found.querySelectorAll('table').length < tables ? undefined : await htmlToMarkdown(article.content);
}

async function wholeBody(document: Page): Promise<string> {
  for (const element of document.querySelectorAll('nav, footer, aside')) element.remove();
  return await htmlToMarkdown(document.body.innerHTML);
}

/** Readability drops the first heading, or puts it a level lower. */
function withHeading(markdown: string, heading: string): string {
  if (heading === '' || /^# /m.test(markdown)) return markdown;
  const lowered = `## ${heading}\n`;
  return `# ${heading}\n\n${markdown.startsWith(lowered) ? markdown.slice(lowered.length).trimStart() : markdown}`;
}
