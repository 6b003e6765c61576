import { describe, expect, it } from 'vitest';
import { simulateTrace } from '../simulate-trace.ts';
import type { TraceRequest } from '../trace/trace-request.ts';
import { promptBlocks } from './prompt-blocks.ts';
import { openWorkload } from './workload.ts';

const requestsOf = (name: string): readonly TraceRequest[] => [...openWorkload(name).requests];

describe.each(['sessions', 'agents', 'rag', 'tenants'])('made traffic: %s', (kind) => {
  const requests = requestsOf(`made:${kind},requests=600,rate=4`);

  it('has the size that was asked for, in order of time, the same each time', () => {
    expect(requests).toHaveLength(600);
    expect(requests.every(({ atMs }, index) => index === 0 || atMs >= (requests[index - 1]?.atMs ?? 0))).toBe(true);
    expect(requestsOf(`made:${kind},requests=600,rate=4`)).toEqual(requests);
    expect(requestsOf(`made:${kind},requests=600,rate=4,seed=2`)).not.toEqual(requests);
  });

  it('names the full blocks of each prompt, and waits only for what stands before', () => {
    const seen = new Set<string>();
    for (const { inputTokens, blocks, after, id } of requests) {
      expect(blocks).toHaveLength(Math.floor(inputTokens / 64));
      for (const before of after ?? []) expect(seen.has(before)).toBe(true);
      if (id !== undefined) seen.add(id);
    }
  });

  it('is played to its end, and has prefixes to find', () => {
    const [result] = simulateTrace({ trace: openWorkload(`made:${kind},requests=300,rate=4`), replicas: 2, policies: ['maru'] }).timed;

    expect(result).toMatchObject({ completed: 300, rejected: 0 });
    expect(result?.hitRate).toBeGreaterThan(0.2);
  });
});

describe('the turns of a session', () => {
  it('each begin with the turn before them', () => {
    const turns = requestsOf('made:sessions,requests=400').filter(({ session }) => session === 's0' || session === 's1' || session === 's2');
    for (const turn of turns) {
      const before = turns.find(({ id }) => id === turn.after?.[0]);
      if (before !== undefined) expect(turn.blocks.slice(0, before.blocks.length)).toEqual(before.blocks);
    }
    expect(turns.length).toBeGreaterThan(3);
  });
});

describe('runs of agents', () => {
  it('go on when all helpers have ended', () => {
    expect(requestsOf('made:agents,requests=800').some(({ after }) => (after?.length ?? 0) >= 2)).toBe(true);
  });
});

describe('blocks of a prompt', () => {
  it('are alike as far as the pieces are, and differ from there on', () => {
    const [first, second] = [2, 3].map((key) =>
      promptBlocks(
        [
          { key: 1, tokens: 10 },
          { key, tokens: 10 },
        ],
        4,
      ),
    );

    expect(first).toHaveLength(5);
    expect(first?.slice(0, 2)).toEqual(second?.slice(0, 2));
    expect(first?.slice(2).some((block) => second?.includes(block))).toBe(false);
  });
});

describe('the name of traffic', () => {
  it.each(['made:dreams', 'made:rag,requests=no', 'made:rag,colour=3', 'made:rag,rate=-1'])('is refused where it is wrong: %s', (name) => {
    expect(() => openWorkload(name)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it('may be a file', () => {
    expect(() => openWorkload('/nowhere/t.jsonl')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });
});
