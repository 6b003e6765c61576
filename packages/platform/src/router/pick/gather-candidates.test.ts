import { describe, expect, it } from 'vitest';
import { DEFAULT_COST_RATES } from '../policies/maru/completion-cost.ts';
import type { SignalKey } from '../policy/policy.ts';
import { type PromptFacts, promptFactsOf } from '../prompt/prompt-facts.ts';
import { createEndpointState, type EndpointState } from '../state/endpoint-state.ts';
import { gatherCandidates } from './gather-candidates.ts';

const facts = promptFactsOf({ prompt: 'a prompt with a known beginning '.repeat(40) });

function gather(
  state: Partial<EndpointState>,
  load: { running: number; waiting: number; kvUse?: number },
  options: { reads?: readonly SignalKey[]; facts?: PromptFacts; cachedTokens?: () => number } = {},
) {
  const full = { ...createEndpointState('a', 100), ...state };
  const endpoint = { endpoint: 'a', load: () => load, ...(options.cachedTokens === undefined ? {} : { cachedTokens: options.cachedTokens }) };
  const context = { facts: options.facts ?? facts, reads: options.reads ?? (['prefix'] as const), rates: DEFAULT_COST_RATES, nowMs: 1000 };
  return gatherCandidates([{ endpoint, state: full }], context)[0];
}

const idle = { running: 0, waiting: 0 };

describe('candidates', () => {
  it('count requests decided here or reported, whichever is more', () => {
    expect(gather({ inFlight: 4 }, { running: 1, waiting: 1 })?.inFlight).toBe(4);
    expect(gather({ inFlight: 1 }, { running: 3, waiting: 2 })?.inFlight).toBe(5);
  });

  it('wait for what was decided here and is not computed yet', () => {
    expect(gather({ busyUntilMs: 1250 }, idle)?.queueMs).toBe(250);
    expect(gather({ busyUntilMs: 900 }, idle)?.queueMs).toBe(0);
  });

  it('wait for what others have queued, but not for the own requests again', () => {
    const perPrompt = facts.promptTokens * DEFAULT_COST_RATES.prefillMsPerToken;

    expect(gather({ inFlight: 0 }, { running: 5, waiting: 2 })?.queueMs).toBeCloseTo(2 * perPrompt);
    expect(gather({ inFlight: 6 }, { running: 5, waiting: 2 })?.queueMs).toBeCloseTo(perPrompt);
    expect(gather({ inFlight: 7 }, { running: 5, waiting: 2 })?.queueMs).toBe(0);
    expect(gather({ slowness: 2 }, { running: 0, waiting: 1 })?.queueMs).toBeCloseTo(2 * perPrompt);
  });

  it('expect a match as far as matches were worth something before', () => {
    const state = createEndpointState('a', 100);
    state.index.insert(facts.blockHashes());

    expect(gather({ index: state.index }, idle)).toMatchObject({ matchedTokens: 320, cachedTokens: 320 });
    expect(gather({ index: state.index, trust: 0.5 }, idle)).toMatchObject({ matchedTokens: 320, cachedTokens: 160 });
  });

  it('look at no prefix when it is not read', () => {
    const silent: PromptFacts = { ...facts, blockHashes: () => expect.fail('hashes were made') };

    expect(gather({}, idle, { reads: ['in-flight'], facts: silent })?.cachedTokens).toBe(0);
  });

  it('ask the engine where the exact cache is read, and never believe more than the prompt', () => {
    expect(gather({ trust: 0.1 }, idle, { reads: ['precise-prefix'], cachedTokens: () => 200 })?.cachedTokens).toBe(200);
    expect(gather({}, idle, { reads: ['precise-prefix'], cachedTokens: () => 1e9 })?.cachedTokens).toBe(facts.promptTokens);
    expect(gather({}, idle, { reads: ['prefix'], cachedTokens: () => expect.fail('the engine was asked') })?.cachedTokens).toBe(0);
  });

  it('take memory as free when it is not reported', () => {
    expect(gather({}, idle)?.kvUse).toBe(0);
    expect(gather({}, { ...idle, kvUse: 0.7 })?.kvUse).toBe(0.7);
  });
});
