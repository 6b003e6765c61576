import type { AnsweredRow } from '../evaluator.ts';

const MAX_CONTEXT = 200_000;

/** First step of the Ragas algorithm: the answer as statements that stand on their own. */
export const statementsPrompt = (row: Pick<AnsweredRow, 'input' | 'answer'>): string => `Break the answer below into statements of fact.
Each statement must be understandable on its own: replace pronouns by what they stand for. Leave out greetings, questions and remarks that something is not known.
Reply with JSON only, in the form {"statements": ["...", "..."]}. When the answer states no fact, reply {"statements": []}.

Question: ${JSON.stringify(row.input)}
Answer: ${JSON.stringify(row.answer)}`;

/** Second step: for every statement, whether the passages support it. */
export const verdictsPrompt = (
  contexts: readonly string[],
  statements: readonly string[],
): string => `Judge each statement only by the context below, not by what you know.
The verdict is 1 when the statement can be inferred directly from the context, and 0 otherwise.
Reply with JSON only, in the form {"statements": [{"statement": "...", "reason": "...", "verdict": 1}]}, with one entry per statement in the given order.

Context: ${JSON.stringify(contexts.join('\n').slice(0, MAX_CONTEXT))}
Statements: ${JSON.stringify(statements)}`;
