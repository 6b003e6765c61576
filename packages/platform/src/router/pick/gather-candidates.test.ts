import { describe, expect, it } from 'vitest';
import { DEFAULT_COST_RATES, prefillMs } from '../policy/cost-rates.ts';
import type { SignalKey } from '../policy/policy.ts';
import { type PromptFacts, promptFacts, promptFactsOf } from '../prompt/prompt-facts.ts';
import { createEndpointState, type EndpointState } from '../state/endpoint-state.ts';
import { gatherCandidates } from './gather-candidates.ts';

const facts = promptFactsOf({ prompt: 'a prompt with a known beginning '.repeat(40) });

function gather(
  state: Partial<EndpointState>,
  load: { running: number; waiting: number; kvUse?: number },
  options: { reads?: readonly SignalKey[]; facts?: PromptFacts; cachedTokens?: () => number; sent?: number; sentMs?: number } = {},
) {
  const full = { ...createEndpointState('a', 100), ...state };
  for (let sent = 0; sent < (options.sent ?? 0); sent += 1) full.work.begin(PROMPT, options.sentMs ?? 1000);
  const endpoint = { endpoint: 'a', load: () => load, ...(options.cachedTokens === undefined ? {} : { cachedTokens: options.cachedTokens }) };
  const context = { facts: options.facts ?? facts, reads: options.reads ?? (['prefix'] as const), outputTokens: 100, nowMs: 1000 };
  return gatherCandidates([{ endpoint, state: full }], context)[0];
}

/** Takes a quarter of a second to compute. */
const PROMPT = { promptTokens: 1000, cachedTokens: 200, prefillMs: 250, told: true };
const idle = { running: 0, waiting: 0 };

describe('candidates', () => {
  it('count requests decided here or reported, whichever is more', () => {
    expect(gather({}, { running: 1, waiting: 1 }, { sent: 4 })?.inFlight).toBe(4);
    expect(gather({}, { running: 3, waiting: 2 }, { sent: 1 })?.inFlight).toBe(5);
  });

  it('wait for what was decided here and is not computed yet', () => {
    expect(gather({}, idle, { sent: 1 })?.queueMs).toBe(250);
    expect(gather({}, idle, { sent: 1, sentMs: 700 })?.queueMs).toBe(0);
  });

  it('wait for what others have queued, but not for the own requests again', () => {
    const perPrompt = prefillMs(DEFAULT_COST_RATES, facts.promptTokens, 0);

    expect(gather({}, { running: 5, waiting: 2 })?.queueMs).toBeCloseTo(2 * perPrompt);
    expect(gather({}, { running: 5, waiting: 2 }, { sent: 6, sentMs: 0 })?.queueMs).toBeCloseTo(5 * 250 + perPrompt);
    expect(gather({}, { running: 5, waiting: 2 }, { sent: 7, sentMs: 0 })?.queueMs).toBe(6 * 250);
  });

  it('expect a match as far as matches were worth something before', () => {
    const state = createEndpointState('a', 100);
    state.index.insert(facts.blockHashes());

    expect(gather({ index: state.index }, idle)).toMatchObject({ matchedTokens: 320, cachedTokens: 320 });
    expect(gather({ index: state.index, trust: 0.5 }, idle)).toMatchObject({ matchedTokens: 320, cachedTokens: 160 });
  });

  it('expect a prompt that is on its way into the cache of an engine that tells exactly', () => {
    const state = createEndpointState('a', 100);
    const open = state.work.begin({ ...PROMPT, hashes: facts.blockHashes() }, 1000);
    const cachedTokens = (): number | undefined => gather({ work: state.work }, idle, { reads: ['precise-prefix'], cachedTokens: () => 64 })?.cachedTokens;

    expect(cachedTokens()).toBe(320);

    state.work.firstToken(open, 1000);

    expect(cachedTokens()).toBe(64);
  });

  it('look at no prefix when it is not read', () => {
    const silent = promptFacts({
      promptTokens: facts.promptTokens,
      get promptBytes(): Uint8Array {
        return expect.fail('hashes were made');
      },
      value: () => ({}),
    });

    expect(gather({}, idle, { reads: ['in-flight'], facts: silent })?.cachedTokens).toBe(0);
  });

  it('ask the engine where the exact cache is read, and never believe more than the prompt', () => {
    expect(gather({ trust: 0.1 }, idle, { reads: ['precise-prefix'], cachedTokens: () => 200 })?.cachedTokens).toBe(200);
    expect(gather({}, idle, { reads: ['precise-prefix'], cachedTokens: () => 1e9 })?.cachedTokens).toBe(facts.promptTokens);
    expect(gather({}, idle, { reads: ['prefix'], cachedTokens: () => expect.fail('the engine was asked') })?.cachedTokens).toBe(0);
  });

  it('tell what is being computed, and what is active where it is read', () => {
    const state = createEndpointState('a', 100);
    state.work.begin({ ...PROMPT, blocks: facts.blockHashes() }, 1000);

    expect(gather(state, idle)).toMatchObject({ prefilling: 1, prefillTokens: 800, contextTokens: 1000, uncachedTokens: 800, activeTokens: 0 });
    expect(gather(state, idle, { reads: ['active-blocks'] })).toMatchObject({ activeTokens: 320, activeMatchedTokens: 320 });
    expect(gather(state, idle)?.prefillShare).toBeCloseTo(0.025);
  });

  it('value a cache by what it gave lately, and by the sessions that are expected back', () => {
    const state = createEndpointState('a', 100);
    expect(gather(state, idle)?.cacheYield).toBe(0);
    state.warm.waits('agent', 3200, 1000);
    expect(gather(state, idle)?.cacheYield).toBe(0.5);

    expect(gather({ ...state, foundTokens: 300, computedTokens: 100 }, idle)?.cacheYield).toBe(3);
  });

  it('make no nonsense of what an endpoint reports', () => {
    const lies = { running: Number.NaN, waiting: -5, kvUse: 40 };

    expect(gather({}, lies)).toMatchObject({ inFlight: 0, waiting: 0, kvUse: 1, queueMs: 0 });
    expect(gather({}, idle, { reads: ['precise-prefix'], cachedTokens: () => Number.NaN })?.cachedTokens).toBe(0);
  });

  it('take memory as free when it is not reported', () => {
    expect(gather({}, idle)?.kvUse).toBe(0);
    expect(gather({}, { ...idle, kvUse: 0.7 })?.kvUse).toBe(0.7);
  });
});
