/** A block of the small part of Markdown that answers and model cards use. */
export type Block =
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'quote'; readonly text: string }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly type: 'table'; readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };

const BULLET = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** Cuts Markdown into blocks; whatever it does not know stays a paragraph, so no text is lost. */
export function parseBlocks(source: string): readonly Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (holds: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && holds(lines[at] ?? '')) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
    } else if (line.startsWith('```')) {
      at += 1;
      blocks.push({ type: 'code', text: takeWhile((next) => !next.startsWith('```')).join('\n') });
      at += 1;
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push({ type: 'heading', text: line.replace(/^#+\s+/, '') });
      at += 1;
    } else if (line.startsWith('>')) {
      const quoted = takeWhile((next) => next.startsWith('>'));
      blocks.push({ type: 'quote', text: quoted.map((next) => next.replace(/^>\s?/, '')).join('\n') });
    } else if (BULLET.test(line)) {
      const items = takeWhile((next) => BULLET.test(next)).map((next) => BULLET.exec(next)?.[2] ?? next);
      blocks.push({ type: 'list', ordered: BULLET.exec(line)?.[1] !== undefined, items });
    } else if (line.trim().startsWith('|') && /^[\s|:-]+$/.test(lines[at + 1] ?? '')) {
      const rows = takeWhile((next) => next.trim().startsWith('|')).map(cells);
      blocks.push({ type: 'table', header: rows[0] ?? [], rows: rows.slice(2) });
    } else {
      at += 1;
      const rest = takeWhile((next) => next.trim() !== '' && !/^(```|#{1,6}\s|>)/.test(next) && !BULLET.test(next));
      blocks.push({ type: 'paragraph', text: [line, ...rest].join('\n') });
    }
  }
  return blocks;
}
