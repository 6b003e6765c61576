import type { Resource } from '@maru/api/resources';
import type { KubeObject } from '#kube';
import type { RenderNote } from '#manifests';
import type { ConditionInput, StatusInput } from './conditions.ts';
import type { Refusal } from './desired.ts';
import { modelReadiness } from './model/model-status.ts';
import type { Plan } from './plan.ts';

export type { StatusInput } from './conditions.ts';

export interface StatusFacts {
  readonly resource: KubeObject;
  readonly parsed: Resource;
  readonly plan: Plan;
  readonly owned: readonly KubeObject[];
  readonly notes: readonly RenderNote[];
}

/** The status of a resource whose objects were applied. Pure. */
export function statusOfResource(facts: StatusFacts): StatusInput {
  const generation = facts.resource.metadata.generation ?? 0;
  const lacking = facts.plan.missing.filter((kind) => !kind.optional).map((kind) => kind.kind);
  const skipped = facts.plan.missing.filter((kind) => kind.optional).map((kind) => kind.kind);
  const complete = completeCondition(lacking, skipped);
  const expressed = expressedCondition(facts.notes);
  if (facts.parsed.kind !== 'Model') {
    const ready = lacking.length === 0;
    return {
      phase: ready ? 'Ready' : 'Degraded',
      message: ready ? 'all objects are applied' : complete.message,
      generation,
      conditions: [
        condition('Ready', ready, { reason: ready ? 'Applied' : 'KindsMissing', message: ready ? 'all objects are applied' : complete.message }),
        complete,
        ...expressed,
      ],
    };
  }
  const { wanted, ready } = modelReadiness(facts.parsed, facts.owned);
  const all = ready >= wanted && lacking.length === 0;
  const message = wanted === 0 ? 'no replicas are asked for' : `${ready} of ${wanted} replicas are ready`;
  return {
    phase: all ? 'Ready' : lacking.length > 0 || ready > 0 ? 'Degraded' : 'Pending',
    message: lacking.length > 0 ? complete.message : message,
    generation,
    conditions: [
      condition('Ready', all, { reason: all ? 'ReplicasReady' : lacking.length > 0 ? 'KindsMissing' : 'ReplicasNotReady', message: message }),
      complete,
      ...expressed,
    ],
    extra: { replicas: wanted, readyReplicas: ready },
  };
}

/** The status of a resource that can not be carried out; what runs is left as it is. Pure. */
export const refusedStatus = (resource: KubeObject, refusal: Refusal): StatusInput => ({
  phase: 'Failed',
  message: refusal.message,
  generation: resource.metadata.generation ?? 0,
  conditions: [condition('Ready', false, { reason: refusal.reason, message: refusal.message })],
});

function completeCondition(lacking: readonly string[], skipped: readonly string[]): ConditionInput {
  if (lacking.length > 0)
    return condition('Complete', false, {
      reason: 'KindsMissing',
      message: `the cluster lacks ${lacking.join(', ')}; install their CustomResourceDefinitions`,
    });
  if (skipped.length > 0)
    return condition('Complete', true, { reason: 'OptionalKindsMissing', message: `left out, because the cluster lacks them: ${skipped.join(', ')}` });
  return condition('Complete', true, { reason: 'Applied', message: 'all objects are applied' });
}

const expressedCondition = (notes: readonly RenderNote[]): readonly ConditionInput[] =>
  notes.length === 0
    ? []
    : [
        condition('FullyExpressed', false, {
          reason: 'NeedsMaruGateway',
          message: notes
            .map((note) => note.message)
            .join('; ')
            .slice(0, 1000),
        }),
      ];

const condition = (type: string, holds: boolean, why: { readonly reason: string; readonly message: string }): ConditionInput => ({
  type,
  status: holds ? 'True' : 'False',
  ...why,
});
