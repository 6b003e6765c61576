import type { Kube, KubeObject } from '#kube';
import { refOf } from '#kube';
import type { Clock } from '#time';
import { type ObjectState, objectState } from './object-state.ts';
import { nameOf } from './render-files.ts';

export interface NamedState extends ObjectState {
  readonly name: string;
}

export interface WaitOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told whenever something is in another state. */
  readonly onChange: (state: NamedState) => void;
}

const EVERY_MS = 2000;

/** States of objects when all are ready, one has failed, or the time is over; a time of 0 looks once. Throws `cancelled` when it is stopped. */
export async function waitForObjects(objects: readonly KubeObject[], options: WaitOptions): Promise<readonly NamedState[]> {
  const { kube, clock, signal } = options;
  const endMs = clock.monotonicMs() + options.timeoutMs;
  const said = new Map<string, string>();
  for (;;) {
    const states: NamedState[] = [];
    for (const object of objects) states.push({ name: nameOf(object), ...objectState(await kube.get(refOf(object), { signal })) });
    for (const state of states) {
      if (said.get(state.name) === state.detail) continue;
      said.set(state.name, state.detail);
      options.onChange(state);
    }
    const isOver = states.every(({ state }) => state === 'ready') || states.some(({ state }) => state === 'failed');
    if (isOver || clock.monotonicMs() + EVERY_MS > endMs) return states;
    await clock.sleep(EVERY_MS, signal);
  }
}
