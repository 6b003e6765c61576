import { describe, expect, it } from 'vitest';
import { callerOf } from './caller-of.ts';

describe('callerOf', () => {
  it('is equal for equal credentials, in whatever header and case the name stands', () => {
    const [first, ...others] = ['Authorization', 'authorization', 'x-api-key', 'X-Goog-Api-Key', 'api-key'].map((name) =>
      callerOf({ rawHeaders: ['host', 'a', name, 'Bearer sk-maru-0123456789'] }),
    );

    expect(others).toEqual(others.map(() => first));
    expect(Number.isInteger(first)).toBe(true);
  });

  it('tells credentials apart', () => {
    const callers = Array.from({ length: 50 }, (_, index) => callerOf({ rawHeaders: ['authorization', `Bearer sk-maru-a-key-${index}`] }));

    expect(new Set(callers).size).toBe(50);
  });

  it('takes requests without a credential for one caller', () => {
    expect(callerOf({ rawHeaders: ['host', 'a'] })).toBe(callerOf({ rawHeaders: [] }));
    expect(callerOf({ rawHeaders: ['authorization'] })).toBe(0);
  });
});
