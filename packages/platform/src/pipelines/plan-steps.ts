import type { RunState } from '@maru/api/records';

export interface PlannedStep {
  readonly name: string;
  readonly needs: readonly string[];
}

export interface NextSteps {
  /** Steps that may start now, in the order of the resource. */
  readonly ready: readonly string[];
  /** Steps that can never start, because one that they need did not succeed. */
  readonly skipped: readonly string[];
}

/** What to do next: a pure function of the graph and of the states of its steps. */
export function planSteps(steps: readonly PlannedStep[], states: ReadonlyMap<string, RunState>): NextSteps {
  const dead = new Set(steps.filter((step) => isLost(states.get(step.name))).map((step) => step.name));
  for (let grown = true; grown; ) {
    grown = false;
    for (const step of steps) {
      if (dead.has(step.name) || !step.needs.some((need) => dead.has(need))) continue;
      dead.add(step.name);
      grown = true;
    }
  }
  const waiting = steps.filter((step) => (states.get(step.name) ?? 'queued') === 'queued');
  return {
    ready: waiting.filter((step) => !dead.has(step.name) && step.needs.every((need) => states.get(need) === 'succeeded')).map((step) => step.name),
    skipped: waiting.filter((step) => dead.has(step.name)).map((step) => step.name),
  };
}

/** Names of all steps that have to end before this one starts. */
export function ancestorsOf(steps: readonly PlannedStep[], name: string): ReadonlySet<string> {
  const needs = new Map(steps.map((step) => [step.name, step.needs]));
  const found = new Set<string>();
  const open = [...(needs.get(name) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(needs.get(next) ?? []));
  }
  return found;
}

const isLost = (state: RunState | undefined): boolean => state === 'failed' || state === 'cancelled';
