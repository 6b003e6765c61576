import { type Clock, createRandom, createSeededIds } from '#time';
import type { RouterEndpoint } from '../../ports.ts';
import { BlockLru } from '../../prefix-index/block-lru.ts';
import type { PromptFacts } from '../../prompt/prompt-facts.ts';
import { createRouter, type Router } from '../../router.ts';

export interface WorldOptions {
  readonly routers: number;
  readonly seed: number;
  /** Between two lines of a router; no exchange where absent. */
  readonly exchangeMs?: number;
  /** Share of the lines that are lost. */
  readonly loss?: number;
  readonly requests?: number;
  readonly policy?: string;
}

export interface WorldResult {
  /** Share of the prompt tokens that the caches held. */
  readonly hitRate: number;
  /** Computed tokens of the busiest endpoint over the mean. */
  readonly imbalance: number;
  readonly meanTtftMs: number;
}

const ENDPOINTS = 8;
const BLOCK = 64;
const CACHE_BLOCKS = 3000;
const LINE_DELAY_MS = 3;
const MS_PER_TOKEN = 0.08;
const ANSWER_TOKENS = 64;
const STEP_MS = 9;
const STEP_MS_PER_REQUEST = 0.5;
const ARRIVALS_PER_MS = 0.06;

/** A time that only events move; equal times in the order of their scheduling. */
function createEventClock(): { readonly clock: Clock; run(): void } {
  const events: { readonly dueMs: number; readonly callback: () => void }[] = [];
  let now = 0;
  const schedule = (delayMs: number, callback: () => void): { cancel(): void } => {
    const dueMs = now + Math.max(0, delayMs);
    let place = events.length;
    while (place > 0 && (events[place - 1]?.dueMs ?? 0) <= dueMs) place -= 1;
    // The next event stands last.
    events.splice(place, 0, { dueMs, callback });
    return { cancel: () => undefined };
  };
  return {
    clock: { nowMs: () => now, monotonicMs: () => now, schedule, sleep: () => Promise.resolve() },
    run: () => {
      for (let event = events.pop(); event !== undefined; event = events.pop()) {
        now = event.dueMs;
        event.callback();
      }
    },
  };
}

/** Sessions with growing prompts over shared beginnings, sent by one or several routers to endpoints with real caches. The same options give the same result. */
export function runWorld(options: WorldOptions): WorldResult {
  const random = createRandom(options.seed);
  const { clock, run } = createEventClock();
  const routers: Router[] = Array.from({ length: options.routers }, (_, index) => createRouter({ clock, ids: createSeededIds(options.seed * 100 + index) }));
  const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => createEndpoint(`e${index}`, clock));
  const total = { prompt: 0, hit: 0, ttftMs: 0, requests: 0 };
  const most = options.requests ?? 3000;
  let sent = 0;
  let open = 0;

  const tell = (from: number): void => {
    const line = routers[from]?.exchange.next();
    for (const [to, router] of routers.entries()) {
      if (line === undefined || to === from || random() < (options.loss ?? 0)) continue;
      clock.schedule(LINE_DELAY_MS, () => void router.exchange.hear(line));
    }
    if (sent < most || open > 0) clock.schedule(options.exchangeMs ?? 0, () => tell(from));
  };
  if (options.exchangeMs !== undefined)
    for (const [index, router] of routers.entries()) {
      router.exchange.begin(`router ${index}`);
      clock.schedule((options.exchangeMs * index) / routers.length, () => tell(index));
    }

  const sessions: number[][] = [];
  const nextPrompt = (): readonly number[] => {
    if (sessions.length < 40 || random() < 0.15) {
      const group = Math.floor(random() * 24);
      sessions.push(Array.from({ length: 24 }, (_, block) => group * 1000 + block));
      if (sessions.length > 160) sessions.shift();
      return sessions.at(-1) ?? [];
    }
    const session = sessions[Math.floor(random() * sessions.length)] ?? [];
    for (let block = 0; block < 6; block += 1) session.push(1e6 + Math.floor(random() * 1e12));
    return [...session];
  };

  const arrive = (): void => {
    sent += 1;
    open += 1;
    const hashes = Float64Array.from(nextPrompt());
    const router = routers[Math.floor(random() * routers.length)];
    if (router !== undefined) place(router, hashes);
    if (sent < most) clock.schedule(-Math.log(1 - random()) / ARRIVALS_PER_MS, arrive);
  };
  const place = (router: Router, hashes: Float64Array): void => {
    const promptTokens = hashes.length * BLOCK;
    const { endpoint, decision } = router.pickEndpoint(
      { requestId: `r${sent}`, traceId: '', route: 'r', model: 'm', facts: factsOf(hashes, promptTokens), policy: options.policy ?? 'maru', tellsFirstToken: true },
      endpoints,
    );
    const { cachedTokens, ttftMs, computeMs } = endpoint.serve(hashes);
    total.requests += 1;
    total.prompt += promptTokens;
    total.hit += cachedTokens;
    total.ttftMs += ttftMs;
    clock.schedule(ttftMs, () => {
      router.firstToken(decision.id);
      endpoint.decode(computeMs, () => {
        open -= 1;
        router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: cachedTokens, ttftMs, outputTokens: ANSWER_TOKENS });
      });
    });
  };
  clock.schedule(0, arrive);
  run();
  const computed = endpoints.map((endpoint) => endpoint.computedTokens);
  const mean = computed.reduce((sum, tokens) => sum + tokens, 0) / ENDPOINTS;
  return { hitRate: total.hit / total.prompt, imbalance: Math.max(...computed) / mean, meanTtftMs: total.ttftMs / total.requests };
}

interface WorldEndpoint extends RouterEndpoint {
  computedTokens: number;
  serve(hashes: Float64Array): { readonly cachedTokens: number; readonly ttftMs: number; readonly computeMs: number };
  /** An answer begins, whose prompt has held up all others for so long. */
  decode(computeMs: number, ended: () => void): void;
}

/** Computes one prompt after the other; what it has computed is cached. A larger batch has slower steps, and a prompt holds up all that decode. */
function createEndpoint(endpoint: string, clock: Clock): WorldEndpoint {
  const cache = new BlockLru(CACHE_BLOCKS);
  const answers = new Set<{ endMs: number }>();
  let freeAtMs = 0;
  return {
    endpoint,
    computedTokens: 0,
    kvTokens: CACHE_BLOCKS * BLOCK,
    load: () => ({ running: 0, waiting: 0 }),
    serve(hashes) {
      let cached = 0;
      while (cached < hashes.length && cache.has(hashes[cached] ?? 0)) cached += 1;
      for (let block = hashes.length - 1; block >= 0; block -= 1) cache.touch(hashes[block] ?? 0);
      const tokens = (hashes.length - cached) * BLOCK;
      this.computedTokens += tokens;
      const computeMs = tokens * MS_PER_TOKEN + 5;
      freeAtMs = Math.max(freeAtMs, clock.monotonicMs()) + computeMs;
      return { cachedTokens: cached * BLOCK, ttftMs: freeAtMs - clock.monotonicMs(), computeMs };
    },
    decode(computeMs, ended) {
      for (const answer of answers) answer.endMs += computeMs;
      const answer = { endMs: clock.monotonicMs() + ANSWER_TOKENS * (STEP_MS + STEP_MS_PER_REQUEST * answers.size) };
      answers.add(answer);
      const look = (): void => {
        if (clock.monotonicMs() < answer.endMs) return void clock.schedule(answer.endMs - clock.monotonicMs(), look);
        answers.delete(answer);
        ended();
      };
      look();
    },
  };
}

const factsOf = (hashes: Float64Array, promptTokens: number): PromptFacts => ({
  promptTokens,
  maxTokens: 64,
  tools: false,
  images: false,
  blockTokens: BLOCK,
  features: () => undefined,
  difficulty: () => 0.5,
  complexity: () => 'moderate',
  blockHashes: () => hashes,
  prefixKey: () => hashes[0] ?? 0,
});
