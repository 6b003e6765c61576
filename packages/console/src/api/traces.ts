import { tracePageSchema } from '@maru/api/wire';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { type Range, rangeBounds } from './range.ts';
import { request } from './request.ts';

export interface TraceFilter {
  readonly range: Range;
  readonly text?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: 'ok' | 'error' | undefined;
  readonly tenant?: string | undefined;
  readonly session?: string | undefined;
  readonly minDurationMs?: number | undefined;
}

/** Traces in pages of fifty, newest first; each page begins where the last one ended. */
export const tracesQuery = ({ range, ...filter }: TraceFilter) =>
  infiniteQueryOptions({
    queryKey: ['traces', range, filter],
    queryFn: ({ signal, pageParam }) =>
      request(tracePageSchema, '/api/v1/traces', { query: { ...rangeBounds(range), ...filter, cursor: pageParam ?? undefined, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
