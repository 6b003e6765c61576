import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import type { AdmittedCall } from './call.ts';
import { Lifetime } from './lifetime.ts';
import type { Attempt, Plan } from './ports.ts';
import { tryAttempts } from './try-attempts.ts';

describe('attempts of a call that waits for its turn', () => {
  it('are given up at once when its client goes', async () => {
    const lifetime = new Lifetime(createFakeClock());
    const call = { lifetime, target: { name: 'm' } } as AdmittedCall;
    const reasons: PlatformError[] = [];
    const { promise, reject } = Promise.withResolvers<Attempt | undefined>();
    const plan: Plan = {
      next: () => promise,
      abandon: (reason) => {
        reasons.push(reason);
        reject(reason);
      },
    };
    const ended = tryAttempts(call, plan, () => Promise.reject(new TypeError('never run'))).catch((error: unknown) => error);

    lifetime.end(new PlatformError('cancelled', { message: 'the client went away' }));

    expect(await ended).toMatchObject({ code: 'cancelled' });
    expect(reasons).toHaveLength(1);
  });

  it('no longer listen once their turn has come', async () => {
    const lifetime = new Lifetime(createFakeClock());
    const call = { lifetime, target: { name: 'm' } } as AdmittedCall;
    let abandoned = 0;
    const plan: Plan = {
      next: () => Promise.resolve(undefined),
      abandon: () => {
        abandoned += 1;
      },
    };

    await expect(tryAttempts(call, plan, () => Promise.reject(new TypeError('never run')))).rejects.toMatchObject({ code: 'no_endpoint' });
    lifetime.end(new PlatformError('cancelled', { message: 'later' }));

    expect(abandoned).toBe(0);
  });
});
