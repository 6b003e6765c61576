import { PlatformError } from '@maru/api/errors';
import type { PipelineStep } from '@maru/api/resources';
import type { Measured, PipelinePorts, StepContext } from './ports.ts';
import { runGate } from './run-gate.ts';

export interface StepWork {
  readonly ports: PipelinePorts;
  readonly context: StepContext;
  readonly signal: AbortSignal;
  /** What a step that has succeeded left behind. */
  readonly measuredBefore: (evaluation: string) => Measured | undefined;
}

/** Does the work of one step and returns what is written down as its result. */
export async function runStep(step: PipelineStep, work: StepWork): Promise<unknown> {
  const { ports, context, signal } = work;
  switch (step.type) {
    case 'ingest':
      return ports.ingest.ingest(step.knowledgeBase, context, signal);
    case 'evaluate':
      return ports.evaluate.evaluate(step.evaluation, context, signal);
    case 'gate': {
      const measured = work.measuredBefore(step.evaluation);
      if (measured === undefined)
        throw new PlatformError('reference_missing', { message: `the gate "${step.name}" found no result of the evaluation "${step.evaluation}"` });
      return runGate(step, measured.means);
    }
    case 'publish':
      await ports.routes.publish(step.route, context, signal);
      return { route: step.route.name };
  }
}
