import { describe, expect, it } from 'vitest';
import { parseTwinProfile, TWIN_PROFILES, twinProfile, withTiming } from './profile.ts';

const h100 = twinProfile('h100-llama-3.1-8b');

describe('a timing profile', () => {
  it('is read back from its own JSON, every one of them', () => {
    for (const name of TWIN_PROFILES) expect(parseTwinProfile(JSON.stringify(twinProfile(name)), 'mine.json')).toEqual(twinProfile(name));
  });

  it.each(['prefillTokensPerS', 'weightReadMs', 'kvTokens', 'source'] as const)('is refused without %s, which the message names', (field) => {
    const { [field]: _, ...rest } = h100;

    expect(() => parseTwinProfile(JSON.stringify(rest), 'mine.json')).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(`mine.json:1:1: "${field}" missing`) as string }),
    );
  });

  it.each([
    ['prefillTokensPerS: 0', /^mine\.yaml:3:1: "prefillTokensPerS" .*>0/],
    ['kvReadNsPerToken: -1', /^mine\.yaml:3:1: "kvReadNsPerToken" /],
    ['gpusPerReplica: two', /^mine\.yaml:3:1: "gpusPerReplica" expected a number, found "two"/],
    ['prefillTokenPerS: 5', /^mine\.yaml:3:1: "prefillTokenPerS" unknown field; did you mean "prefillTokensPerS"\?/],
    ['mechanisms: {speculation: {tokens: 3, acceptance: 1.5}}', /^mine\.yaml:3:\d+: "mechanisms\.speculation\.acceptance" /],
    [
      'mechanisms: {slidingWindow: {tokens: 64, groups: 2, fullGroups: 2}}',
      /^mine\.yaml:3:\d+: "mechanisms\.slidingWindow\.fullGroups" must be less than groups/,
    ],
    ['title: [', /^mine\.yaml:/],
  ])('is refused with %s, which no engine has, at its line', (line, message) => {
    const name = line.slice(0, line.indexOf(':'));
    const { [name as keyof typeof h100]: _, ...rest } = h100;
    const text = `name: mine\ntitle: Mine\n${line}\n${Object.entries(rest)
      .filter(([key]) => key !== 'name' && (key !== 'title' || name === 'title'))
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
      .join('\n')}`;

    expect(() => parseTwinProfile(name === 'title' ? text.replace('title: Mine\n', '') : text, 'mine.yaml')).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) as string }),
    );
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
