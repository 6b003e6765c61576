/** Blocks that may hold blank lines and lines that look like headings, with their ends. */
const HTML_BLOCKS: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [/^ {0,3}<!--/, /-->/],
  [/^ {0,3}<(?:script|pre|style|textarea)\b/i, /<\/(?:script|pre|style|textarea)>/i],
];

/**
 * Offsets at which Markdown can be cut without a change of its headings, each at least `size` after the one before: a heading or a
 * paragraph that begins after a blank line, without indent, outside of code and HTML. The tree of a whole book would take gigabytes.
 */
export function markdownPieces(text: string, from: number, size: number): number[] {
  const cuts = [from];
  let fence: string | undefined;
  let indent = 0;
  let html: RegExp | undefined;
  let afterBlank = false;
  let end = from;
  for (let at = from; at < text.length; at = end) {
    end = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, end);
    const spaces = line.length - line.trimStart().length;
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      // The fence of a list ends with the list, that of the document does not: from here on only the parser can tell.
      if (line.trim() !== '' && spaces < indent) return cuts;
      if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined;
    } else if (html !== undefined) {
      if (html.test(line)) html = undefined;
    } else if (mark !== undefined) {
      fence = mark;
      indent = spaces;
    } else {
      const block = HTML_BLOCKS.find(([start]) => start.test(line))?.[1];
      if (block !== undefined && !block.test(line)) html = block;
      if (afterBlank && at - (cuts.at(-1) ?? from) >= size && /^(?:#{1,6}[ \t]|\p{L})/u.test(line)) cuts.push(at);
    }
    afterBlank = line.trim() === '';
  }
  return cuts;
}
