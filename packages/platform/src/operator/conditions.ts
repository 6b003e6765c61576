import type { Condition, Status } from '@maru/api/resources';

export interface ConditionInput {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export interface StatusInput {
  readonly phase: NonNullable<Status['phase']>;
  readonly message: string;
  readonly generation: number;
  readonly conditions: readonly ConditionInput[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The whole status of a resource; a condition keeps its time while its status stays the same. Pure. */
export function nextStatus(previous: unknown, input: StatusInput, nowMs: number): Readonly<Record<string, unknown>> {
  const before = (previous as Status | undefined)?.conditions ?? [];
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return {
    phase: input.phase,
    message: input.message,
    observedGeneration: input.generation,
    conditions: input.conditions.map((condition) => {
      const same = before.find((other) => other.type === condition.type && other.status === condition.status);
      return { ...condition, observedGeneration: input.generation, lastTransitionTime: same?.lastTransitionTime ?? now };
    }),
    ...input.extra,
  };
}
