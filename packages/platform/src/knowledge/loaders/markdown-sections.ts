import { headingAnchor } from './heading-anchor.ts';
import type { Section } from './loaded-document.ts';
import { markdownPieces } from './markdown-pieces.ts';

type Tree = ReturnType<typeof import('mdast-util-from-markdown')['fromMarkdown']>;
type Heading = Extract<Tree['children'][number], { type: 'heading' }>;

/** Characters whose tree fits into memory many times. */
const PIECE = 131_072;

export interface MarkdownOutline {
  readonly title: string | undefined;
  readonly sections: readonly Section[];
}

/** Cuts Markdown at its headings; offsets are exact, and the sections cover the text from `from` to its end. */
export async function markdownSections(text: string, from = 0, piece = PIECE): Promise<MarkdownOutline> {
  const { fromMarkdown } = await import('mdast-util-from-markdown');
  const found = markdownPieces(text, from, piece).flatMap((start, index, cuts) =>
    fromMarkdown(text.slice(start, cuts[index + 1])).children.flatMap((node) =>
      node.type === 'heading' ? [{ depth: node.depth, label: labelOf(node), at: start + (node.position?.start.offset ?? 0) }] : [],
    ),
  );
  const sections: Section[] = [];
  const path: { depth: number; label: string }[] = [];
  if (found[0] === undefined || found[0].at > from) sections.push({ start: from, end: found[0]?.at ?? text.length, headings: [] });
  found.forEach((heading, index) => {
    while ((path.at(-1)?.depth ?? 0) >= heading.depth) path.pop();
    path.push(heading);
    const end = found[index + 1]?.at ?? text.length;
    sections.push({ start: heading.at, end, headings: path.map((entry) => entry.label), anchor: headingAnchor(heading.label) });
  });
  return { title: found.find((heading) => heading.depth === 1)?.label, sections };
}

function labelOf(node: Heading): string {
  return node.children.map(plainText).join('').replace(/\s+/g, ' ').trim();
}

function plainText(node: Heading['children'][number]): string {
  if ('value' in node) return node.type === 'html' ? '' : node.value;
  if ('children' in node) return node.children.map(plainText).join('');
  return 'alt' in node ? (node.alt ?? '') : ' ';
}
