import { z } from 'zod';

/** A number in a query string. */
export const numberQuery = z.coerce.number().finite();

export const pageQuery = {
  cursor: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
};

export const rangeQuery = { fromMs: numberQuery.optional(), toMs: numberQuery.optional() };

const DAY_MS = 86_400_000;

/** Fills in the last 24 hours where the client named no range. */
export const rangeOf = (query: { fromMs?: number | undefined; toMs?: number | undefined }, nowMs: number): { fromMs: number; toMs: number } => {
  const toMs = query.toMs ?? nowMs;
  return { fromMs: query.fromMs ?? toMs - DAY_MS, toMs };
};
