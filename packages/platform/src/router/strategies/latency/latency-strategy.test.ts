import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import { latencyStrategy } from './latency-strategy.ts';

describe('latency', () => {
  it('takes the quicker of two', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      expect(latencyStrategy.choose(strategyRequest(), backends({ firstTokenMs: 900 }, { firstTokenMs: 80 }), createRandom(seed))).toMatchObject({
        index: 1,
        why: '80 ms to its first token',
      });
    }
  });

  it('counts running requests as slowness', () => {
    expect(latencyStrategy.choose(strategyRequest(), backends({ firstTokenMs: 100, inFlight: 9 }, { firstTokenMs: 300 }), createRandom(1)).index).toBe(1);
  });

  it('tries a backend that is not known yet, until it is busy', () => {
    expect(latencyStrategy.choose(strategyRequest(), backends({ firstTokenMs: 100 }, {}), createRandom(1))).toMatchObject({ index: 1, why: 'not tried yet' });
    expect(latencyStrategy.choose(strategyRequest(), backends({ firstTokenMs: 100 }, { inFlight: 500 }), createRandom(1)).index).toBe(0);
  });

  it('compares first tokens for streams and whole answers for others, and one measure only', () => {
    const two = backends({ firstTokenMs: 50, answerMs: 8000 }, { firstTokenMs: 400, answerMs: 1000 });
    const whole = strategyRequest({ streams: false });

    expect(latencyStrategy.choose(strategyRequest(), two, createRandom(1))).toMatchObject({ index: 0, why: '50 ms to its first token' });
    expect(latencyStrategy.choose(whole, two, createRandom(1))).toMatchObject({ index: 1, why: '1000 ms for a whole answer' });
    expect(latencyStrategy.choose(whole, backends({ firstTokenMs: 50 }, { firstTokenMs: 400 }), createRandom(1)).why).toBe('50 ms to its first token');
    expect(latencyStrategy.choose(whole, backends({ firstTokenMs: 50 }, { answerMs: 400 }), createRandom(1)).why).toBe('not tried yet');
  });

  it('never takes the slowest of many', () => {
    const random = createRandom(5);
    const many = backends({ firstTokenMs: 10 }, { firstTokenMs: 20 }, { firstTokenMs: 30 }, { firstTokenMs: 40 });
    const counts = [0, 0, 0, 0];
    for (let turn = 0; turn < 2000; turn += 1) {
      const { index } = latencyStrategy.choose(strategyRequest(), many, random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    expect(counts[3]).toBe(0);
    expect((counts[0] ?? 0) > (counts[1] ?? 0) && (counts[1] ?? 0) > (counts[2] ?? 0)).toBe(true);
  });
});
