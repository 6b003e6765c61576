import { describe, expect, it } from 'vitest';
import type { EndpointFleet } from '#endpoints';
import { readPrompt } from '../request/read-prompt.ts';
import { createFleetPool } from './fleet-pool.ts';

const PROMPT = readPrompt('/v1/chat/completions', Buffer.from('{"messages":[{"role":"user","content":"hi"}]}'));

/** The part of a fleet that a pool reads, in the test's hand. */
function scriptedFleet() {
  const found = { usable: ['10.0.0.1:80', '10.0.0.2:80'], gone: [] as string[] };
  const told: unknown[] = [];
  const fleet = {
    spec: { kvEvents: { port: 1 } },
    usable: () => [...found.usable.map((name) => ({ name, url: `http://${name}`, host: name })), { name: '10.0.0.9:80', url: '', host: '', role: 'prefill' }],
    all: () => found.usable.map((name) => ({ name })),
    signals: (name: string) =>
      name === '10.0.0.1:80' ? { signals: { running: 4, waiting: 2, kvUse: 0.5, blocks: 100 }, kvTokens: 1600 } : { signals: undefined, kvTokens: undefined },
    prepare: (key: object, request: { readonly promptBytes: number }) => {
      told.push(['prepare', key === PROMPT.facts, request.promptBytes]);
      return Promise.resolve(undefined);
    },
    cachedTokens: (name: string, key: object) => (name === '10.0.0.1:80' && key === PROMPT.facts ? 64 : undefined),
    answered: (name: string, { tokens }: { readonly tokens: number }) => told.push(['answered', name, tokens]),
  };
  return { fleet: fleet as unknown as EndpointFleet, found, told };
}

describe('pool of a fleet', () => {
  it('has the usable endpoints with what they report, and its own count where they report nothing', () => {
    const { fleet } = scriptedFleet();
    const pool = createFleetPool('m', () => fleet, { onGone: () => undefined });
    pool.changed();
    pool.begin('10.0.0.2:80');
    const [first, second, third] = pool.endpoints();

    expect(first?.load()).toEqual({ running: 4, waiting: 2, reports: 'fresh', kvUse: 0.5, kvBlocks: 100 });
    expect([first?.reported(), first?.kvTokens, first?.cachedTokens?.(PROMPT.facts)]).toEqual([{ waiting: 2, kvUse: 0.5 }, 1600, 64]);
    expect(third).toBeUndefined();
    expect([second?.load(), second?.reported()]).toEqual([{ running: 1, waiting: 0, reports: 'stale' }, undefined]);
  });

  it('keeps an endpoint the same while it is there, and tells when one is gone for good', () => {
    const { fleet, found } = scriptedFleet();
    const gone: string[] = [];
    const pool = createFleetPool('m', () => fleet, { onGone: (endpoint) => void gone.push(endpoint) });
    pool.changed();
    const [, before] = pool.endpoints();
    found.usable = ['10.0.0.2:80'];
    pool.changed();

    expect(pool.endpoints()).toEqual([before]);
    expect(pool.endpoints()[0]).toBe(before);
    expect(gone).toEqual(['10.0.0.1:80']);
  });

  it('asks for tokens only where caches are followed, and joins what an answer counted', async () => {
    const { fleet, told } = scriptedFleet();
    const pool = createFleetPool('m', () => fleet, { onGone: () => undefined });
    pool.changed();
    await pool.prepare(PROMPT);
    pool.begin('10.0.0.1:80');
    expect(pool.running('10.0.0.1:80')).toBe(1);
    pool.end('10.0.0.1:80', { facts: PROMPT.facts, bytes: 30, tokens: 12 });

    expect(told).toEqual([
      ['prepare', true, 32],
      ['answered', '10.0.0.1:80', 12],
    ]);
    expect(pool.running('10.0.0.1:80')).toBe(0);
    expect(pool.prepare(readPrompt('/v1/embeddings', Buffer.from('{"input":"a"}')))).toBeUndefined();
  });
});
