import { decodeText } from './decode-text.ts';
import type { Loader } from './loaded-document.ts';
import { markdownSections } from './markdown-sections.ts';
import { titleOfPath } from './title-of-path.ts';

/** Markdown: the source is the text; front matter is left out, but gives the title. */
export const loadMarkdown: Loader = async ({ path, bytes }) => {
  const { text, note } = decodeText(path, bytes);
  const matter = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(text);
  const { title, sections } = await markdownSections(text, matter?.[0].length ?? 0);
  const named = matter?.[1] === undefined ? undefined : /^title:\s*["']?(.+?)["']?\s*$/m.exec(matter[1])?.[1];
  return { title: named ?? title ?? titleOfPath(path), text, sections, rows: false, ...(note === undefined ? {} : { note }) };
};
