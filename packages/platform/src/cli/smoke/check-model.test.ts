import { type Model, modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import type { Asked, Asker } from './ask.ts';
import { checkModel } from './check-model.ts';

const model = (serving: object): Model =>
  modelKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name: 'm' }, spec: { serving: { engine: 'twin', ...serving } } });

const OK: Asked = { status: 200, text: 'hello', endpoint: 'm-0', tookMs: 3, promptTokens: 700, cachedTokens: 0, prefill: undefined };

/** A platform that does everything right, but for what is given. */
function platform(answer: (asked: { content: string; turn: number; seen: boolean }) => Partial<Asked> = () => ({})): Asker & { longest(): number } {
  const prompts = new Set<string>();
  let turn = 0;
  let longest = 0;
  return {
    longest: () => longest,
    chat: async (content, more) => {
      turn += 1;
      longest = Math.max(longest, content.length);
      if (more !== undefined && 'messages' in more) return { ...OK, status: 400, text: '', ...answer({ content: 'wrong', turn, seen: false }) };
      const seen = prompts.has(content);
      prompts.add(content);
      return {
        ...OK,
        endpoint: `m-${turn % 2}`,
        cachedTokens: seen ? 690 : 0,
        prefill: { endpoint: 'p-0', reason: 'long' },
        ...answer({ content, turn, seen }),
      };
    },
  };
}

let ids = 0;
const newId = (): string => {
  ids += 1;
  return `topic-${ids}`;
};
const failed = async (serving: object, ask: Asker): Promise<readonly string[]> =>
  (await checkModel(model(serving), ask, newId)).filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);

describe('the checks of a running model', () => {
  it('pass where everything is as it should be, and say what they have seen', async () => {
    const checks = await checkModel(model({ disaggregation: { decodeReplicas: 2 } }), platform(), newId);

    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(checks.map(({ name }) => name)).toEqual([
      'answers',
      'refuses a wrong request',
      'finds a prompt again',
      'splits prefill and decode',
      'spreads different prompts',
    ]);
    expect(checks.at(-1)?.detail).toBe('2 of 2 replicas: m-0 4, m-1 4');
  });

  it('ask one replica without caches for no more than an answer and a refusal', async () => {
    expect(await checkModel(model({ prefixCaching: false }), platform(), newId)).toHaveLength(2);
  });

  it.each<[string, object, Parameters<typeof platform>[0], RegExp]>([
    ['nobody answers', {}, ({ content }) => (content === 'wrong' ? {} : { status: 503, text: '' }), /^answers: status 503/],
    ['the answer is empty', {}, ({ turn }) => (turn === 1 ? { text: '' } : {}), /^answers/],
    ['a wrong request is answered', {}, ({ content }) => (content === 'wrong' ? { status: 200 } : {}), /^refuses a wrong request: status 200/],
    ['a wrong request breaks it', {}, ({ content }) => (content === 'wrong' ? { status: 500 } : {}), /^refuses a wrong request: status 500/],
    ['the cache is never hit', {}, () => ({ cachedTokens: 0 }), /^finds a prompt again: 0 of 700 tokens/],
    ['a count of cached tokens that does not move', {}, () => ({ cachedTokens: 64 }), /^finds a prompt again/],
    [
      'every prompt is computed in place',
      { disaggregation: {} },
      () => ({ prefill: { reason: 'prefill in place' } }),
      /^splits prefill and decode: prefill in place/,
    ],
    ['one replica does both', { disaggregation: {} }, () => ({ endpoint: 'p-0' }), /^splits prefill and decode/],
    ['nobody says who served', { disaggregation: {} }, () => ({ prefill: undefined }), /says nothing of a prefill/],
    ['one of four replicas gets all', { replicas: 4 }, () => ({ endpoint: 'm-3' }), /^spreads different prompts: 1 of 4 replicas: m-3 16/],
    ['some answers are lost', { replicas: 2 }, ({ turn }) => (turn === 6 ? { status: 502 } : {}), /status 502 1/],
  ])('fail where %s', async (_what, serving, answer, message) => {
    expect((await failed(serving, platform(answer))).join('\n')).toMatch(message);
  });

  it('send prompts as long as the threshold needs, within reason', async () => {
    const ask = platform();
    await checkModel(model({ disaggregation: { minUncachedTokens: 2000 } }), ask, newId);
    expect(ask.longest()).toBeGreaterThan(3000 * 4 - 20);

    const far = await checkModel(model({ disaggregation: { minUncachedTokens: 1_000_000 } }), platform(), newId);
    expect(far.map(({ name }) => name)).not.toContain('splits prefill and decode');
  });
});
