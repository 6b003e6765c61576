import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePrefill, type PrefillRules } from './decide-prefill.ts';

const rules = (more: Partial<PrefillRules> = {}): PrefillRules => ({ profile: 'decode-first', minUncachedTokens: 512, ...more });
const facts = (more: object = {}) => ({ promptTokens: 2000, cachedTokens: 0, leastQueued: 0, ...more });

describe('the decision where a prompt is computed', () => {
  it('sends long prompts that the decode replica does not have', () => {
    expect(decidePrefill(rules(), facts())).toEqual({ remote: true, reason: '2000 of 2000 prompt tokens are not cached' });
    expect(decidePrefill(rules(), facts({ cachedTokens: 1488 })).remote).toBe(true);
  });

  it.each([
    ['most of it is cached', facts({ cachedTokens: 1489 }), rules(), 'prefill in place: 511 of 2000 prompt tokens are not cached, fewer than 512'],
    ['it is short', facts({ promptTokens: 20 }), rules(), 'prefill in place: 20 of 20 prompt tokens are not cached, fewer than 512'],
    [
      'nobody else can compute it',
      facts({ leastQueued: undefined }),
      rules(),
      'prefill in place: no prefill replica is there; 2000 of 2000 prompt tokens are not cached',
    ],
    [
      'all prefill replicas are busy',
      facts({ leastQueued: 9 }),
      rules({ maxPrefillQueue: 8 }),
      'prefill in place: every prefill replica has more than 8 requests; 2000 of 2000 prompt tokens are not cached',
    ],
  ])('keeps a prompt where %s, and says why', (_why, given, with_, reason) => {
    expect(decidePrefill(with_, given)).toEqual({ remote: false, reason });
  });

  it('sends every prompt with a threshold of 0', () => {
    expect(decidePrefill(rules({ minUncachedTokens: 0 }), facts({ promptTokens: 5, cachedTokens: 5 })).remote).toBe(true);
  });

  it('never sends a prompt because more of it is cached', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000), fc.nat(5000), (promptTokens, less, more, minUncachedTokens) => {
        const remote = (cachedTokens: number): boolean => decidePrefill(rules({ minUncachedTokens }), facts({ promptTokens, cachedTokens })).remote;
        if (!remote(Math.min(less, more))) expect(remote(Math.max(less, more))).toBe(false);
      }),
    );
  });
});
