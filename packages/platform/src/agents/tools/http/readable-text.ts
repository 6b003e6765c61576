import { PlatformError } from '@maru/api/errors';
import type { GuardedReply } from '../../ports.ts';

export interface ReadableText {
  readonly title: string;
  readonly text: string;
}

/** What a person would read in a reply: the article of an HTML page, text as it is; throws `not_supported` for binary data. */
export async function readableText(reply: Pick<GuardedReply, 'contentType' | 'body' | 'url'>): Promise<ReadableText> {
  const [type = '', ...parameters] = reply.contentType.toLowerCase().split(';');
  const kind = type.trim();
  if (kind !== '' && !/^text\/|[/+]json$|[/+]xml$|javascript$|x-www-form-urlencoded$|x-ndjson$|yaml$/.test(kind))
    throw new PlatformError('not_supported', { message: `${reply.url} is of the type "${kind}", which is not text` });
  const text = decode(reply.body, /charset="?([\w-]+)/.exec(parameters.join(';'))?.[1]);
  const isHtml = kind === 'text/html' || kind === 'application/xhtml+xml' || (kind === '' && /^\s*<(!doctype|html)/i.test(text));
  return isHtml ? readHtml(text) : { title: '', text };
}

async function readHtml(html: string): Promise<ReadableText> {
  const { parseHTML } = await import('linkedom');
  const { Readability } = await import('@mozilla/readability');
  // The parser leaves a page without this frame outside of any body.
  const { document } = parseHTML(/<html[\s>]/i.test(html) ? html : `<!doctype html><html><head></head><body>${html}</body></html>`);
  const title = squeeze(document.querySelector('title')?.textContent ?? '');
  for (const element of document.querySelectorAll('title, script, style, noscript, template, svg')) element.remove();
  const plain = squeeze(document.body?.textContent ?? '');
  // Readability takes the document apart, so that what it leaves out must be read before.
  const article = new Readability(document as unknown as ConstructorParameters<typeof Readability>[0], { charThreshold: 200 }).parse();
  const text = squeeze(article?.textContent ?? '');
  return { title: article?.title?.trim() || title, text: text.length >= 200 ? text : plain };
}

function decode(body: Uint8Array, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

const squeeze = (text: string): string =>
  text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
