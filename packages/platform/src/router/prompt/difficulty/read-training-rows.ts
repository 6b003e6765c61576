import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { promptFactsOf } from '../prompt-facts.ts';
import type { TrainingRow } from './train-classifier.ts';

const rowSchema = z.looseObject({
  prompt: z.string().optional(),
  messages: z.array(z.unknown()).optional(),
  hard: z.boolean().optional(),
  /** What a judge gave the answers of a small and of a big model, from 0 to 1. */
  scores: z.object({ small: z.number(), big: z.number() }).optional(),
});

/** A small model is good enough when it comes this near to the big one. */
const NEAR = 0.1;

/**
 * Reads JSON lines, each a `prompt` or `messages` with `hard: true|false` (a label) or `scores: {small, big}` (of a judge: hard where the
 * small model is worse by more than 0.1). Throws `invalid_request` with the number of the line.
 */
export function readTrainingRows(text: string): TrainingRow[] {
  const rows: TrainingRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = rowOf(line, index + 1);
    const features = promptFactsOf(row.messages === undefined ? { prompt: row.prompt } : { messages: row.messages, ...row }).features();
    if (features !== undefined) rows.push({ features, hard: row.hard ?? (row.scores !== undefined && row.scores.big - row.scores.small > NEAR) });
  }
  const hard = rows.filter((row) => row.hard).length;
  if (hard === 0 || hard === rows.length) throw wrong(0, `has ${rows.length} rows, ${hard} of them hard; a classifier needs rows of both kinds`);
  return rows;
}

function rowOf(line: string, number: number): z.infer<typeof rowSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw wrong(number, `is not JSON: ${(cause as Error).message}`);
  }
  const row = rowSchema.safeParse(value);
  if (!row.success) throw wrong(number, `has a field of a wrong type: ${row.error.issues[0]?.path.join('.')}`);
  if (row.data.prompt === undefined && row.data.messages === undefined) throw wrong(number, 'needs "prompt" or "messages"');
  if (row.data.hard === undefined && row.data.scores === undefined) throw wrong(number, 'needs "hard" or "scores"');
  return row.data;
}

const wrong = (number: number, what: string): PlatformError =>
  new PlatformError('invalid_request', {
    message: number === 0 ? `the training file ${what}` : `line ${number} of the training file ${what}`,
    details: { line: number },
  });
