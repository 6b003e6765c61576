import type { RouteDecision } from '@maru/api/records';

/** The parts of each candidate's total; a part that is nothing for all of them has no column. */
export interface ScoreTable {
  /** Parts are milliseconds and less is better; otherwise scores from 0 to 1. */
  readonly inTime: boolean;
  readonly columns: readonly string[];
  /** Candidates that were scored, the best first. */
  readonly rows: readonly { readonly endpoint: string; readonly values: readonly number[]; readonly total: number }[];
}

const LEAST = 0.05;

export function scoreTable(decision: RouteDecision): ScoreTable {
  const scored = decision.candidates.filter(({ removedBy }) => removedBy === undefined).toSorted((left, right) => right.total - left.total);
  const inTime = scored.some(({ costMs }) => costMs !== undefined);
  const partsOf = ({ costMs, scores }: RouteDecision['candidates'][number]): Readonly<Record<string, number>> => (inTime ? (costMs ?? {}) : scores);
  const names = [...new Set(scored.flatMap((candidate) => Object.keys(partsOf(candidate))))];
  const columns = names.filter((name) => !inTime || scored.some((candidate) => (partsOf(candidate)[name] ?? 0) >= LEAST));
  const rows = scored.map((candidate) => {
    const parts = partsOf(candidate);
    const sum = Object.values(parts).reduce((total, value) => total + value, 0);
    return { endpoint: candidate.endpoint, values: columns.map((name) => parts[name] ?? 0), total: inTime ? sum : candidate.total };
  });
  return { inTime, columns, rows };
}
