import { describe, expect, it } from 'vitest';
import { toKubeDuration } from './kube-duration.ts';

describe('toKubeDuration', () => {
  it.each([
    ['5m', ['h', 'm', 's'], '5m'],
    ['90m', ['h', 'm', 's'], '1h30m'],
    ['7d', ['h', 'm', 's'], '168h'],
    ['1.5h', ['h', 'm'], '1h30m'],
    ['30s', ['h', 'm'], '1m'],
    ['500ms', ['h', 'm', 's'], '1s'],
    ['2m', ['h', 'm', 's', 'ms'], '2m'],
    ['1.5s', ['h', 'm', 's', 'ms'], '1s500ms'],
    ['0s', ['h', 'm', 's'], '0s'],
  ] as const)('%s in %j is %s', (duration, units, expected) => {
    expect(toKubeDuration(duration, units)).toBe(expected);
  });
});
