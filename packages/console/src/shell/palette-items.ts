import type { IconName } from '../components/icon-paths.ts';

/** Something that one can jump to. */
export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: IconName;
  /** Path with search, as in the address bar. */
  readonly href: string;
}

const TRACE_ID = /^[0-9a-f][0-9a-f-]{7,63}$/i;

/** Items whose label or hint holds every word of the query; those that begin with it come first. */
export function matchItems(items: readonly PaletteItem[], query: string, limit = 12): readonly PaletteItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (item: PaletteItem): number => (item.label.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return items
    .filter((item) => words.every((word) => `${item.label} ${item.hint}`.toLowerCase().includes(word)))
    .toSorted((left, right) => rank(left) - rank(right))
    .slice(0, limit);
}

/** True for what may be the id of a trace. */
export const looksLikeTraceId = (query: string): boolean => TRACE_ID.test(query.trim());
