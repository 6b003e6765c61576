import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTestLedger } from './__fixtures__/open-ledger.ts';

type Step =
  | { readonly kind: 'rotate'; readonly graceMs: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'block' | 'unblock' | 'revoke' }
  | { readonly kind: 'expire'; readonly inMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rotate' as const), graceMs: fc.constantFrom(0, 1, 5000, 60_000) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 4999, 5000, 30_001) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('block' as const, 'unblock' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), inMs: fc.constantFrom(1, 10_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const) }) },
);

/** What a key should say to each of its secrets, kept by hand. */
interface Expected {
  readonly secrets: { readonly secret: string; untilMs: number }[];
  blocked: boolean;
  revoked: boolean;
  expiresMs: number;
}

function answerTo(secret: string, key: Expected, nowMs: number): string {
  const known = key.secrets.find((each) => each.secret === secret);
  // Only the last two secrets are known to the database.
  if (known === undefined || key.secrets.indexOf(known) < key.secrets.length - 2) return 'unauthenticated';
  if (key.revoked || nowMs >= key.expiresMs || nowMs > known.untilMs) return 'key_revoked';
  return key.blocked ? 'key_blocked' : 'ok';
}

describe('a key with several secrets', () => {
  it('answers to the newest always, to the one before until its grace is over, to older ones never, in every history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const test = await openTestLedger();
        const made = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
        const key: Expected = {
          secrets: [{ secret: made.secret, untilMs: Number.POSITIVE_INFINITY }],
          blocked: false,
          revoked: false,
          expiresMs: Number.POSITIVE_INFINITY,
        };
        for (const each of steps) {
          switch (each.kind) {
            case 'rotate': {
              if (key.revoked) {
                await expect(test.ledger.rotateKey(made.key.id, { graceMs: each.graceMs })).rejects.toMatchObject({ code: 'conflict' });
                break;
              }
              const rotated = await test.ledger.rotateKey(made.key.id, { graceMs: each.graceMs });
              const last = key.secrets.at(-1);
              // Without grace the secret before is over at once.
              if (last !== undefined) last.untilMs = each.graceMs === 0 ? Number.NEGATIVE_INFINITY : test.clock.nowMs() + each.graceMs - 1;
              key.secrets.push({ secret: rotated.secret, untilMs: Number.POSITIVE_INFINITY });
              break;
            }
            case 'wait':
              await test.clock.advance(each.ms);
              break;
            case 'expire':
              key.expiresMs = test.clock.nowMs() + each.inMs;
              await test.ledger.updateKey(made.key.id, { expiresMs: key.expiresMs });
              break;
            case 'revoke':
              await test.ledger.revokeKey(made.key.id);
              key.revoked = true;
              break;
            default:
              key.blocked = each.kind === 'block';
              await test.ledger.updateKey(made.key.id, { blocked: key.blocked });
          }
          for (const { secret } of key.secrets) {
            const said = await (async () => test.ledger.authenticate(secret))().then(
              (principal) => (principal.keyId === made.key.id ? 'ok' : 'another key'),
              (error: unknown) => (isPlatformError(error) ? error.code : 'no error of ours'),
            );
            expect(said, `${JSON.stringify(steps)} at ${JSON.stringify(each)}`).toBe(answerTo(secret, key, test.clock.nowMs()));
          }
        }
        await test.remove();
      }),
      { numRuns: 40 },
    );
  });

  it('is one key for its limits: a new secret brings no new budget', async () => {
    const test = await openTestLedger();
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci', limits: { requestsPerMinute: 2 } });
    const ask = async (bearer: string) =>
      test.ledger.admit(await test.ledger.authenticate(bearer), {
        requestedModel: 'auto',
        estimate: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
        prices: [],
      });
    await ask(secret);
    const rotated = await test.ledger.rotateKey(key.id, { graceMs: 60_000 });
    await ask(rotated.secret);

    for (const bearer of [secret, rotated.secret]) await expect(ask(bearer)).rejects.toMatchObject({ code: 'rate_limited' });
    await test.remove();
  });
});
