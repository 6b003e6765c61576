import type { Model } from '@maru/api/resources';
import type { Asked, Asker } from './ask.ts';

/** One thing that a running model should do, and what it did. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Longer prompts are not sent only to reach a threshold. */
const MOST_PROMPT_TOKENS = 16_000;
const CHARACTERS_PER_TOKEN = 4;
const MOST_AT_ONCE = 32;

/**
 * Asks a model what a working one must answer: who served, whether a prompt that was seen before is found in a cache, whether prefill and
 * decode are really at different replicas, whether different prompts reach more than one, and whether a wrong request is refused as one.
 */
export async function checkModel(model: Model, ask: Asker, newId: () => string): Promise<readonly Check[]> {
  const serving = model.spec.serving;
  const threshold = serving?.disaggregation?.minUncachedTokens ?? 0;
  const tokens = Math.min(MOST_PROMPT_TOKENS, Math.max(600, Math.ceil(threshold * 1.5)));
  const checks = [answers(await ask.chat('Say hello.')), refuses(await ask.chat('', { messages: [] }))];
  if (serving === undefined) return checks;
  const prompt = longPrompt(newId(), tokens);
  const first = await ask.chat(prompt);
  const second = await ask.chat(prompt);
  if (serving.prefixCaching) checks.push(findsPrefix(first, second));
  if (serving.disaggregation !== undefined && threshold <= tokens) checks.push(splitsWork(first));
  const replicas = serving.disaggregation?.decodeReplicas ?? serving.replicas;
  if (replicas > 1) checks.push(spreads(await askAtOnce(ask, Math.min(MOST_AT_ONCE, 4 * replicas), () => longPrompt(newId(), tokens)), replicas));
  return checks;
}

/** With answers so long that all of them overlap. */
const askAtOnce = (ask: Asker, count: number, prompt: () => string): Promise<readonly Asked[]> =>
  Promise.all(Array.from({ length: count }, () => ask.chat(prompt(), { max_tokens: 64 })));

const longPrompt = (topic: string, tokens: number): string => `${topic} `.repeat(Math.ceil((tokens * CHARACTERS_PER_TOKEN) / (topic.length + 1)));

const answers = (asked: Asked): Check => ({
  name: 'answers',
  ok: asked.status === 200 && asked.text !== '',
  detail: asked.status === 200 ? `${asked.endpoint ?? 'somebody'} in ${Math.round(asked.tookMs)} ms` : `status ${asked.status}`,
});

const refuses = (asked: Asked): Check => ({
  name: 'refuses a wrong request',
  ok: asked.status >= 400 && asked.status < 500,
  detail: `status ${asked.status} for no messages`,
});

const findsPrefix = (first: Asked, second: Asked): Check => ({
  name: 'finds a prompt again',
  ok: second.status === 200 && second.cachedTokens > first.cachedTokens,
  detail: `${second.cachedTokens} of ${second.promptTokens} tokens cached at ${second.endpoint ?? 'somebody'}, ${first.cachedTokens} the first time`,
});

function splitsWork({ prefill, endpoint, status }: Asked): Check {
  const ok = status === 200 && prefill?.endpoint !== undefined && prefill.endpoint !== endpoint;
  return {
    name: 'splits prefill and decode',
    ok,
    detail: ok ? `prompt at ${prefill?.endpoint}, answer at ${endpoint}` : (prefill?.reason ?? 'the platform says nothing of a prefill'),
  };
}

function spreads(asked: readonly Asked[], replicas: number): Check {
  const counts = new Map<string, number>();
  for (const { endpoint, status } of asked) {
    const name = status === 200 ? (endpoint ?? 'somebody') : `status ${status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const used = [...counts.keys()].filter((name) => !name.startsWith('status')).length;
  const all = [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  return {
    name: 'spreads different prompts',
    ok: used > 1 && asked.every(({ status }) => status === 200),
    detail: `${used} of ${replicas} replicas: ${all.join(', ')}`,
  };
}
