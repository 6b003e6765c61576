import { useNavigate, useSearch } from '@tanstack/react-router';
import { DEFAULT_RANGE, type Range } from '../api/range.ts';

/** The time range of all pages; it stands in the address and goes along from page to page. */
export const useRange = (): Range => useSearch({ strict: false, select: (search) => search.range ?? DEFAULT_RANGE });

export function useSetRange(): (range: Range) => void {
  const navigate = useNavigate();
  return (range) => void navigate({ to: '.', search: (previous) => ({ ...previous, range: range === DEFAULT_RANGE ? undefined : range }), replace: true });
}
