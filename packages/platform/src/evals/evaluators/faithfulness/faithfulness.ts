import type { Judge } from '../../ports.ts';
import { parseStatements, parseVerdicts } from '../../text/parse-judgement.ts';
import { askUntilReadable } from '../ask-until-readable.ts';
import { type AnsweredRow, type Evaluator, missing, notApplicable, score, type Verdict } from '../evaluator.ts';
import { statementsPrompt, verdictsPrompt } from './prompts.ts';

/** Share of the answer's statements that its passages support, by the algorithm of Ragas: statements, then verdicts. */
export const createFaithfulness = (judge: Judge): Evaluator => ({
  name: 'faithfulness',
  type: 'faithfulness',
  evaluate: (row, signal) => evaluate(row, judge, signal),
});

async function evaluate(row: AnsweredRow, judge: Judge, signal: AbortSignal): Promise<Verdict> {
  if (row.answer.trim() === '') return notApplicable('the answer is empty');
  const statements = await askUntilReadable(() => judge.ask(statementsPrompt(row), signal), parseStatements);
  if (statements === undefined) return missing('the judge did not reply with readable statements');
  if (statements.length === 0) return notApplicable('the answer states no fact');
  const contexts = row.passages.map((passage) => passage.text);
  if (contexts.length === 0) return score(0, `the answer states ${statements.length} facts and rests on no passage`);
  const verdicts = await askUntilReadable(
    () => judge.ask(verdictsPrompt(contexts, statements), signal),
    (reply) => parseVerdicts(reply, statements.length),
  );
  if (verdicts === undefined) return missing(`the judge did not reply with readable verdicts on ${statements.length} statements`);
  const supported = verdicts.filter((verdict) => verdict === 1).length;
  return score(supported / verdicts.length, `${supported} of ${verdicts.length} statements are supported`);
}
