import { type ModelSpec, modelKind, type Route, routeKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '#gateway';
import { DEFAULT_RECOVERY } from '#router';
import { attemptLimits, modelTimeoutMs, routeSettings, sloOf, withinMs } from './route-settings.ts';

const head = { apiVersion: 'maru.dev/v1alpha1', metadata: { name: 'r' } };
const routeOf = (spec: object): Route => routeKind.schema.parse({ ...head, kind: 'Route', spec: { backends: [{ model: 'm' }], ...spec } });
const modelOf = (spec: Partial<ModelSpec>) => modelKind.schema.parse({ ...head, kind: 'Model', spec: { provider: { name: 'openai', model: 'm' }, ...spec } });
const asks = (slo?: RequestFacts['slo']): RequestFacts => ({ ...(slo === undefined ? {} : { slo }) }) as RequestFacts;

describe('the settings of a route', () => {
  it('are its words in milliseconds, read once', () => {
    const route = routeOf({ timeout: '30s', hedge: { after: '2s' }, slo: { ttft: '1s' }, timeouts: { firstToken: '5s' }, affinity: { ttl: '10m' } });

    expect(routeSettings(route)).toMatchObject({
      timeoutMs: 30_000,
      hedgeAfterMs: 2000,
      slo: { ttftMs: 1000, itlMs: undefined },
      limits: { firstTokenMs: 5000, stallMs: undefined, attemptMs: undefined },
      affinityTtlMs: 600_000,
    });
    expect(routeSettings(route)).toBe(routeSettings(route));
  });

  it('are the usual ones where a model was asked for by its name', () => {
    expect(routeSettings(undefined)).toMatchObject({ recovery: DEFAULT_RECOVERY, health: undefined, slo: undefined, timeoutMs: undefined });
  });

  it('give way to what a backend says of its times', () => {
    const { limits } = routeSettings(routeOf({ timeouts: { firstToken: '5s', stall: '20s' } }));

    expect(attemptLimits({ firstToken: '1s', attempt: '3s' }, limits)).toEqual({ firstTokenMs: 1000, stallMs: 20_000, attemptMs: 3000 });
    expect(attemptLimits(undefined, limits)).toBe(limits);
  });

  it('give way to what the request asks of its first token, and the sooner end counts', () => {
    const settings = routeSettings(routeOf({ timeout: '30s', slo: { ttft: '1s', itl: '50ms' } }));

    expect([sloOf(settings, asks()), sloOf(settings, asks({ ttftMs: 300 }))]).toEqual([
      { ttftMs: 1000, itlMs: 50 },
      { ttftMs: 300, itlMs: 50 },
    ]);
    expect([withinMs(settings, asks()), withinMs(settings, asks({ ttftMs: 300 })), withinMs(routeSettings(undefined), asks())]).toEqual([
      30_000,
      300,
      undefined,
    ]);
  });

  it('of a model are its longest silence', () => {
    expect([modelTimeoutMs(modelOf({ timeout: '7s' })), modelTimeoutMs(undefined)]).toEqual([7000, 300_000]);
  });
});
