import { PlatformError } from '@maru/api/errors';
import type { EvaluatorSpec } from '@maru/api/resources';
import type { Judge } from '../ports.ts';
import { createContains } from './contains/contains.ts';
import { createContextPrecision } from './context-precision/context-precision.ts';
import type { Evaluator } from './evaluator.ts';
import { createExactMatch } from './exact-match/exact-match.ts';
import { createFaithfulness } from './faithfulness/faithfulness.ts';
import { createHit } from './hit/hit.ts';
import { createJsonMatch } from './json-match/json-match.ts';
import { createMrr } from './mrr/mrr.ts';
import { createNdcg } from './ndcg/ndcg.ts';

/** The evaluators of an evaluation. Throws `invalid_request` when two have one name, or when one needs a judge and there is none. */
export function createEvaluators(specs: readonly EvaluatorSpec[], judges: ((model: string) => Judge) | undefined): readonly Evaluator[] {
  const evaluators = specs.map((spec) => createEvaluator(spec, judges));
  const names = new Set<string>();
  for (const { name } of evaluators) {
    if (names.has(name)) throw new PlatformError('invalid_request', { message: `the evaluator "${name}" is listed twice` });
    names.add(name);
  }
  return evaluators;
}

function createEvaluator(spec: EvaluatorSpec, judges: ((model: string) => Judge) | undefined): Evaluator {
  switch (spec.type) {
    case 'exact-match':
      return createExactMatch(spec);
    case 'contains':
      return createContains(spec);
    case 'json-match':
      return createJsonMatch();
    case 'hit':
      return createHit(spec);
    case 'mrr':
      return createMrr(spec);
    case 'ndcg':
      return createNdcg(spec);
    case 'faithfulness':
      return createFaithfulness(judgeOf(spec, judges));
    case 'context-precision':
      return createContextPrecision(judgeOf(spec, judges));
  }
}

function judgeOf(spec: { type: string; judge: string }, judges: ((model: string) => Judge) | undefined): Judge {
  if (judges === undefined) throw new PlatformError('invalid_request', { message: `${spec.type} needs the judge "${spec.judge}", and none was given` });
  return judges(spec.judge);
}
