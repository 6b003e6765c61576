import type { EvaluationRow } from '@maru/api/wire';
import type { Selectable } from 'kysely';
import type { AnsweredRow } from '../evaluators/evaluator.ts';
import type { TargetPassage } from '../ports.ts';
import { parseJson } from '../text/parse-json.ts';
import { parseRowScores } from '../verdict/row-scores.ts';
import type { Tables } from './run-table.ts';

export type StoredRow = Selectable<Tables['evaluation_row']>;

const passagesOf = (row: StoredRow): readonly TargetPassage[] => (row.passages === null ? [] : (parseJson(row.passages) as TargetPassage[]));

/** A row that has its answer, as evaluators see it. */
export const toAnsweredRow = (row: StoredRow): AnsweredRow => ({
  input: row.input,
  expected: row.expected ?? undefined,
  relevant: row.relevant === null ? undefined : (parseJson(row.relevant) as string[]),
  answer: row.answer ?? '',
  passages: passagesOf(row),
});

/** A row as the API shows it. */
export const toEvaluationRow = (row: StoredRow): EvaluationRow => ({
  row: row.row_id,
  input: row.input,
  expected: row.expected,
  answer: row.answer,
  passages: passagesOf(row).map((passage) => ({ citation: citationOf(passage), document: passage.document, text: passage.text })),
  scores: Object.fromEntries(Object.entries(parseRowScores(row.scores)).map(([name, { value, reason }]) => [name, { value, reason }])),
  traceId: row.trace_id,
  durationMs: row.duration_ms,
  error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
});

const citationOf = (passage: TargetPassage): string => {
  if (passage.citation !== undefined) return passage.citation;
  return passage.heading === undefined || passage.heading === null ? passage.document : `${passage.document} § ${passage.heading}`;
};
