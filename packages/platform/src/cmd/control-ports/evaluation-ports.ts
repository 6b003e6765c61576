import { PlatformError } from '@maru/api/errors';
import type { EvaluationPorts } from '#control';
import type { Evals } from '#evals';
import type { Registry } from '#resources';
import { type Evaluations, targetName } from '../evaluations.ts';
import { withoutUndefined } from './without-undefined.ts';

/** Evaluations for the control plane. */
export function evaluationPorts({ registry, evals, evaluations }: { registry: Registry; evals: Evals; evaluations: Evaluations }): EvaluationPorts {
  return {
    list: () =>
      Promise.all(
        registry.list('Evaluation').map(async (evaluation) => {
          const { name } = evaluation.metadata;
          const { items } = await evals.list({ evaluation: name, limit: 1 });
          return {
            name,
            description: evaluation.spec.description ?? null,
            dataset: evaluation.spec.dataset,
            target: targetName(evaluation),
            evaluators: evaluation.spec.evaluators.map((evaluator) => evaluator.type),
            lastRun: items[0] ?? null,
          };
        }),
      ),
    async runs(name, page) {
      if (registry.get('Evaluation', name) === undefined) throw new PlatformError('not_found', { message: `there is no Evaluation called "${name}"` });
      return evals.list({ evaluation: name, ...withoutUndefined(page) });
    },
    get: (runId) => evals.get(runId),
    start: async (name) => (await evaluations.start(name)).run,
  };
}
