import { describe, expect, it } from 'vitest';
import { parseTwinProfile, TWIN_PROFILES, twinProfile, withTiming } from './profile.ts';

const h100 = twinProfile('h100-llama-3.1-8b');

describe('a timing profile', () => {
  it('is read back from its own JSON, every one of them', () => {
    for (const name of TWIN_PROFILES) expect(parseTwinProfile(JSON.stringify(twinProfile(name)))).toEqual(twinProfile(name));
  });

  it.each(['prefillTokensPerS', 'weightReadMs', 'kvTokens', 'source'] as const)('is refused without %s, which the message names', (field) => {
    const { [field]: _, ...rest } = h100;

    expect(() => parseTwinProfile(JSON.stringify(rest))).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(`"${field}"`) as string }),
    );
  });

  it('is refused with figures that no engine has', () => {
    expect(() => parseTwinProfile(JSON.stringify({ ...h100, prefillTokensPerS: 0 }))).toThrow('prefillTokensPerS');
    expect(() => parseTwinProfile(JSON.stringify({ ...h100, kvReadNsPerToken: -1 }))).toThrow('kvReadNsPerToken');
    expect(() => parseTwinProfile('{')).toThrow('not valid JSON');
  });

  it('takes figures of a Model in place of its own, and says so', () => {
    const own = withTiming(h100, { weightReadMs: 3.5, kvTokens: 900_000 });

    expect(own).toMatchObject({ weightReadMs: 3.5, kvTokens: 900_000, perSequenceMs: h100.perSequenceMs, status: 'given' });
    expect(own.source).toBe('weightReadMs, kvTokens as set in the Model; the rest of h100-llama-3.1-8b');
    expect(withTiming(h100, {})).toBe(h100);
    expect(withTiming(h100, undefined)).toBe(h100);
  });

  it('names the known ones when it does not exist', () => {
    expect(() => twinProfile('b300')).toThrow('h100-llama-3.1-8b');
  });
});
