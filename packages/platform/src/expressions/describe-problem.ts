/** What the CEL library says of an expression, in one line. */
export function describeProblem(error: unknown): string {
  const { summary, message, range } = (error ?? {}) as { summary?: string; message?: string; range?: { start: number } };
  const what = summary ?? message?.split('\n', 1)[0] ?? 'unknown';
  return range === undefined ? what : `${what} (character ${range.start + 1})`;
}
