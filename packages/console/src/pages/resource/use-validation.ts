import type { ResourceProblem } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { validateYaml } from '../../api/actions.ts';

const WAIT_MS = 350;
const NONE: readonly ResourceProblem[] = [];

export interface Validation {
  readonly problems: readonly ResourceProblem[];
  /** True while the newest text has not been checked. */
  readonly checking: boolean;
  readonly error: Error | null;
}

/** Has the server check the text a moment after the last key. */
export function useValidation(text: string): Validation {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: ['validate', settled],
    queryFn: ({ signal }) => validateYaml(settled, signal),
    enabled: settled.trim() !== '',
    staleTime: 10_000,
    gcTime: 10_000,
    placeholderData: (previous) => previous,
  });
  return { problems: query.data?.problems ?? NONE, checking: settled !== text || query.isFetching, error: query.error };
}
