import { ERROR_CATALOGUE, isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import { addUsage, completionTokens, promptTokens, usdToNano, ZERO_USAGE } from '@maru/api/records';
import { durationSchema, durationToMs, KINDS, resourceSchema } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the error catalogue', () => {
  it('gives each code a status, a meaning and an action in whole sentences', () => {
    for (const [code, entry] of Object.entries(ERROR_CATALOGUE)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(entry.status).toBeGreaterThanOrEqual(400);
      expect(entry.meaning).toMatch(/^[A-Z].*\.$/);
      expect(entry.action).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('pins the codes that clients depend on', () => {
    const pinned = Object.fromEntries(
      ['unauthenticated', 'rate_limited', 'quota_exceeded', 'model_not_found', 'body_too_large', 'upstream_timeout', 'overloaded'].map((code) => [
        code,
        ERROR_CATALOGUE[code as keyof typeof ERROR_CATALOGUE].status,
      ]),
    );

    expect(pinned).toEqual({
      unauthenticated: 401,
      rate_limited: 429,
      quota_exceeded: 402,
      model_not_found: 404,
      body_too_large: 413,
      upstream_timeout: 504,
      overloaded: 503,
    });
  });

  it('makes errors that carry their code, and wraps foreign ones without showing them', () => {
    const error = new PlatformError('rate_limited', { message: 'slow down', retryAfterS: 3 });

    expect(isPlatformError(error, 'rate_limited')).toBe(true);
    expect(isPlatformError(new TypeError('x'))).toBe(false);
    expect(toPlatformError(error)).toBe(error);
    expect(toPlatformError(new TypeError('password=1')).message).not.toContain('password');
  });
});

describe('usage', () => {
  const usage = fc.record({ inputTokens: fc.nat(), cacheReadTokens: fc.nat(), cacheWriteTokens: fc.nat(), outputTokens: fc.nat(), reasoningTokens: fc.nat() });

  it('is a partition: prompt and completion add up to everything', () => {
    fc.assert(fc.property(usage, (one) => promptTokens(one) + completionTokens(one) === Object.values(one).reduce((sum, part) => sum + part, 0)));
  });

  it('adds in any order, with zero as its zero', () => {
    fc.assert(
      fc.property(usage, usage, (left, right) => {
        expect(addUsage(left, right)).toEqual(addUsage(right, left));
        expect(addUsage(left, ZERO_USAGE)).toEqual(left);
      }),
    );
  });

  it('counts money in whole nano-dollars', () => {
    expect(usdToNano(0.1 + 0.2)).toBe(300_000_000);
  });
});

describe('resource kinds', () => {
  it('are thirteen, each with a plural and a description', () => {
    expect(Object.keys(KINDS)).toEqual([
      'Model',
      'Route',
      'Tenant',
      'TokenIssuer',
      'Agent',
      'ToolServer',
      'KnowledgeBase',
      'Dataset',
      'Evaluation',
      'Experiment',
      'Pipeline',
      'GpuPool',
      'Cluster',
    ]);
    expect(new Set(Object.values(KINDS).flatMap((kind) => [kind.plural, ...kind.shortNames])).size).toBe(
      Object.values(KINDS).reduce((sum, kind) => sum + 1 + kind.shortNames.length, 0),
    );
  });

  it('refuse unknown fields at every level', () => {
    const base = { apiVersion: 'maru.dev/v1alpha1', kind: 'Tenant', metadata: { name: 'a' }, spec: { budgets: [{ usd: 1 }] } };

    expect(resourceSchema.safeParse(base).success).toBe(true);
    expect(resourceSchema.safeParse({ ...base, extra: 1 }).success).toBe(false);
    expect(resourceSchema.safeParse({ ...base, metadata: { name: 'a', nam: 'b' } }).success).toBe(false);
    expect(resourceSchema.safeParse({ ...base, spec: { budgets: [{ usd: 1, euros: 2 }] } }).success).toBe(false);
  });

  it('read durations in all their units', () => {
    expect(['500ms', '1.5s', '2m', '1h', '7d'].map(durationToMs)).toEqual([500, 1500, 120_000, 3_600_000, 604_800_000]);
    expect(durationSchema.safeParse('5 minutes').success).toBe(false);
  });
});
