import type { EndpointState } from './endpoint-state.ts';
import type { Lesson } from './lesson.ts';

const SMOOTHING = 0.1;
/** Per request: what a cache earns is judged by its last hundred or so. */
const FADING = 0.99;
const EMPTY_HITS_TO_CLEAR = 3;

/** Learns how far predictions of the first token are off; the rates of the endpoint are learned beside it. */
export function learnSpeed(state: EndpointState, predictedMs: number, realisedMs: number): void {
  state.slowness = smooth(state.slowness, clamp(realisedMs / Math.max(1, predictedMs), 0.1, 10));
  state.ttftErrorMs = smooth(state.ttftErrorMs, Math.abs(realisedMs - predictedMs));
  state.timed += 1;
  state.predictedTtftMs += predictedMs;
  state.realisedTtftMs += realisedMs;
  state.absoluteTtftErrorMs += Math.abs(realisedMs - predictedMs);
}

/** Joins what was matched with what the engine reports; forgets the index of an engine that has plainly lost its cache. */
export function learnHit(state: EndpointState, hit: { promptTokens: number; matched: number; expected: number; realised: number }): void {
  state.joined += 1;
  state.joinedPromptTokens += hit.promptTokens;
  state.expectedTokens += hit.expected;
  state.realisedTokens += hit.realised;
  state.absoluteErrorTokens += Math.abs(hit.expected - hit.realised);
  learnYield(state, hit);
  state.teach?.({ kind: 'hit', features: [hit.promptTokens], value: hit.realised });
  if (hit.matched === 0) return;
  state.trust = clamp(smooth(state.trust, Math.min(1, hit.realised / hit.matched)), 0, 1);
  state.emptyHits = hit.realised === 0 ? state.emptyHits + 1 : 0;
  if (state.emptyHits < EMPTY_HITS_TO_CLEAR) return;
  state.index.clear();
  state.emptyHits = 0;
  state.trust = 1;
}

/** Takes in what another router has learned of an endpoint. */
export function learnFromOthers(state: EndpointState, lesson: Lesson): void {
  if (lesson.kind === 'hit') learnYield(state, { promptTokens: lesson.features[0] ?? 0, realised: lesson.value });
  else state.work.taught(lesson);
}

/** What its cache earns, over the requests of all. */
function learnYield(state: EndpointState, { promptTokens, realised }: { readonly promptTokens: number; readonly realised: number }): void {
  state.foundTokens = state.foundTokens * FADING + realised;
  state.computedTokens = state.computedTokens * FADING + Math.max(0, promptTokens - realised);
}

const smooth = (old: number, sample: number): number => old + SMOOTHING * (sample - old);

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
