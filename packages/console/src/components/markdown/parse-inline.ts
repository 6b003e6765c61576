/** A run of text inside a block. */
export type Inline =
  | { readonly type: 'text' | 'strong' | 'emphasis' | 'code'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string }
  | { readonly type: 'citation'; readonly text: string; readonly index: number };

const TOKEN = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])\*([^*\n]+)\*(?![\w*])|\[([^\]\n]+)\]\((https?:\/\/[^)\s]+)\)|\[([^\]\n]+)\]/g;

/** Place of a citation among the sources: by its words, or by number as in `[2]`. */
function citationIndex(text: string, citations: readonly string[]): number {
  const byName = citations.indexOf(text);
  if (byName >= 0) return byName;
  const number = /^\d{1,2}$/.test(text) ? Number(text) - 1 : -1;
  return number < citations.length ? number : -1;
}

/** Cuts a line into runs; `[…]` is a citation only when a source has that name. Links lead to http(s) only. */
export function parseInline(text: string, citations: readonly string[] = []): readonly Inline[] {
  const runs: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, strong, emphasis, label, href, cited] = match;
    const run = toRun({ code, strong, emphasis, label, href, cited }, citations);
    if (run === undefined) continue;
    if (match.index > from) runs.push({ type: 'text', text: text.slice(from, match.index) });
    runs.push(run);
    from = match.index + whole.length;
  }
  if (from < text.length) runs.push({ type: 'text', text: text.slice(from) });
  return runs;
}

function toRun(
  parts: Readonly<Record<'code' | 'strong' | 'emphasis' | 'label' | 'href' | 'cited', string | undefined>>,
  citations: readonly string[],
): Inline | undefined {
  if (parts.code !== undefined) return { type: 'code', text: parts.code };
  if (parts.strong !== undefined) return { type: 'strong', text: parts.strong };
  if (parts.emphasis !== undefined) return { type: 'emphasis', text: parts.emphasis };
  if (parts.label !== undefined && parts.href !== undefined) return { type: 'link', text: parts.label, href: parts.href };
  if (parts.cited === undefined) return undefined;
  const index = citationIndex(parts.cited, citations);
  return index < 0 ? undefined : { type: 'citation', text: parts.cited, index };
}
