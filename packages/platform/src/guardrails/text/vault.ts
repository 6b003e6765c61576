/** The values of one call that were masked, so that they can be put back into its answer. Lives as long as the call. */
export interface Vault {
  /** The mark of a value; the same value has the same mark. */
  hide(value: string, kind: string, back: boolean): string;
  /** The value behind a mark; undefined for marks that may not be put back. */
  reveal(mark: string): string | undefined;
  /** There is something to put back. */
  holds(): boolean;
}

/** Longest mark. */
export const MAX_MARK_CHARS = 40;

export function createVault(): Vault {
  const marks = new Map<string, string>();
  const values = new Map<string, string>();
  const counts = new Map<string, number>();
  return {
    hide(value, kind, back) {
      const id = `${kind}\u0000${back}\u0000${value}`;
      const known = marks.get(id);
      if (known !== undefined) return known;
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      const mark = `<${kind
        .toUpperCase()
        .replace(/[^A-Z0-9]+/g, '_')
        .slice(0, 28)}_${count}>`;
      marks.set(id, mark);
      if (back) values.set(mark, value);
      return mark;
    },
    reveal: (mark) => values.get(mark),
    holds: () => values.size > 0,
  };
}
