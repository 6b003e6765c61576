import type { Judge } from '../../ports.ts';
import { parseVerdicts } from '../../text/parse-judgement.ts';
import { askUntilReadable } from '../ask-until-readable.ts';
import { type AnsweredRow, type Evaluator, missing, notApplicable, score, type Verdict } from '../evaluator.ts';
import { averagePrecision } from './average-precision.ts';

const MAX_PASSAGE = 50_000;

/** Whether the useful passages come first, by the algorithm of Ragas: one verdict per passage in rank order, then average precision. */
export const createContextPrecision = (judge: Judge): Evaluator => ({
  name: 'context-precision',
  type: 'context-precision',
  evaluate: (row, signal) => evaluate(row, judge, signal),
});

async function evaluate(row: AnsweredRow, judge: Judge, signal: AbortSignal): Promise<Verdict> {
  const reference = row.expected ?? row.answer;
  if (reference.trim() === '') return notApplicable('the row has neither an expected answer nor an answer');
  if (row.passages.length === 0) return score(0, 'nothing was retrieved');
  const useful: boolean[] = [];
  for (const [index, passage] of row.passages.entries()) {
    const verdicts = await askUntilReadable(
      () => judge.ask(usefulnessPrompt(row.input, reference, passage.text), signal),
      (reply) => parseVerdicts(reply, 1),
    );
    if (verdicts === undefined) return missing(`the judge did not reply with a readable verdict on passage ${index + 1}`);
    useful.push(verdicts[0] === 1);
  }
  return score(averagePrecision(useful), `${useful.filter(Boolean).length} of ${useful.length} passages are useful`);
}

const usefulnessPrompt = (question: string, reference: string, passage: string): string => `Was the context useful for arriving at the answer to the question?
The verdict is 1 when it was, and 0 otherwise.
Reply with JSON only, in the form {"reason": "...", "verdict": 1}.

Question: ${JSON.stringify(question)}
Context: ${JSON.stringify(passage.slice(0, MAX_PASSAGE))}
Answer: ${JSON.stringify(reference)}`;
