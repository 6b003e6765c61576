import { PlatformError } from '@maru/api/errors';
import type { Pipeline, PipelineStep } from '@maru/api/resources';
import { ancestorsOf } from './plan-steps.ts';

/**
 * Checks that the steps of a pipeline form a graph that can be run.
 * Throws `resource_duplicate`, `reference_missing` or `reference_cycle`, naming the steps.
 */
export function checkPipeline(pipeline: Pipeline): void {
  const { steps } = pipeline.spec;
  const name = pipeline.metadata.name;
  const names = new Set<string>();
  for (const step of steps) {
    if (names.has(step.name)) throw new PlatformError('resource_duplicate', { message: `the pipeline "${name}" has two steps of the name "${step.name}"` });
    names.add(step.name);
  }
  for (const step of steps)
    for (const need of step.needs)
      if (!names.has(need))
        throw new PlatformError('reference_missing', {
          message: `the step "${step.name}" of pipeline "${name}" needs "${need}", which is not a step; the steps are ${[...names].join(', ')}`,
        });
  const circle = findCircle(steps);
  if (circle !== undefined)
    throw new PlatformError('reference_cycle', { message: `the steps of pipeline "${name}" need each other in a circle: ${circle.join(' → ')}` });
  for (const step of steps) if (step.type === 'gate') checkGate(name, steps, step);
}

/** A gate without a measurement before it would never open. */
function checkGate(name: string, steps: readonly PipelineStep[], gate: Extract<PipelineStep, { type: 'gate' }>): void {
  const before = ancestorsOf(steps, gate.name);
  const measured = steps.some((step) => step.type === 'evaluate' && step.evaluation === gate.evaluation && before.has(step.name));
  if (measured) return;
  throw new PlatformError('reference_missing', {
    message: `the gate "${gate.name}" of pipeline "${name}" reads the evaluation "${gate.evaluation}", but no step that it needs runs this evaluation`,
  });
}

function findCircle(steps: readonly PipelineStep[]): readonly string[] | undefined {
  const needs = new Map(steps.map((step) => [step.name, step.needs]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    path.push(name);
    for (const need of needs.get(name) ?? []) {
      const circle = visit(need);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const step of steps) {
    const circle = visit(step.name);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
