import type TurndownService from 'turndown';

let service: Promise<TurndownService> | undefined;

/** HTML to Markdown with tables. Images and links keep their text only. Takes a string: tables of a foreign DOM get lost in turndown. */
export async function htmlToMarkdown(html: string): Promise<string> {
  service ??= createService();
  const markdown = (await service).turndown(html);
  return markdown
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

async function createService(): Promise<TurndownService> {
  const [{ default: Turndown }, { gfm }] = await Promise.all([import('turndown'), import('@truto/turndown-plugin-gfm')]);
  const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  // The text is read and quoted, not rendered: `num_requests` must not become `num\\_requests`.
  turndown.escape = (text) => text;
  turndown.use(gfm);
  turndown.remove(['script', 'style', 'noscript', 'iframe', 'object', 'template']);
  turndown.addRule('image', { filter: 'img', replacement: (_content, node) => ('getAttribute' in node ? (node.getAttribute('alt') ?? '') : '') });
  turndown.addRule('link', { filter: 'a', replacement: (content) => content });
  return turndown;
}
