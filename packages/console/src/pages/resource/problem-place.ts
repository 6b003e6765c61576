/** Offsets of a problem in its text: from its column to the end of the word, at least one character where there is one. */
export function placeOf(text: string, { line, column }: { readonly line: number; readonly column: number }): { readonly from: number; readonly to: number } {
  const lines = text.split('\n');
  const index = Math.min(Math.max(0, line - 1), lines.length - 1);
  const start = lines.slice(0, index).reduce((total, before) => total + before.length + 1, 0);
  const current = lines[index] ?? '';
  const offset = Math.min(Math.max(0, column - 1), current.length);
  const word = /^[^\s:,\]}]+/.exec(current.slice(offset))?.[0] ?? '';
  const from = start + offset;
  return { from, to: Math.min(text.length, from + Math.max(1, word.length)) };
}
