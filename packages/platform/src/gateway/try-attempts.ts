import { PlatformError } from '@maru/api/errors';
import type { AdmittedCall, RanAttempt } from './call.ts';
import type { Attempt, AttemptFailure, Plan } from './ports.ts';

/** More ways than this are never tried for one request. */
const MAX_ATTEMPTS = 16;

/**
 * Follows the plan until an engine has answered, the client has seen something, or no way is left. Returns the last attempt.
 * Throws what the plan throws, `no_endpoint` when it knows no way, and the reason when the request ends early between attempts.
 */
export async function tryAttempts(call: AdmittedCall, plan: Plan, run: (attempt: Attempt) => Promise<RanAttempt>): Promise<RanAttempt> {
  let last: RanAttempt | undefined;
  let failure: AttemptFailure | undefined;
  for (let count = 0; count < MAX_ATTEMPTS; count += 1) {
    call.lifetime.check();
    const found = plan.next(failure);
    const attempt = found instanceof Promise ? await orAbandon(call, plan, found) : found;
    if (attempt === undefined) break;
    if (attempt.delayMs !== undefined && attempt.delayMs > 0) await call.lifetime.sleep(attempt.delayMs);
    call.lifetime.check();
    last = await run(attempt);
    if (last.result.kind !== 'failed' || !last.result.retryable || call.lifetime.reason !== undefined) return last;
    failure = last.result.failure;
  }
  if (last === undefined) throw new PlatformError('no_endpoint', { message: `no replica of "${call.target.name}" is ready`, retryAfterS: 5 });
  return last;
}

/** Whose client goes while it waits gives its place up at once. */
async function orAbandon(call: AdmittedCall, plan: Plan, waiting: Promise<Attempt | undefined>): Promise<Attempt | undefined> {
  const forget = call.lifetime.onEnd((reason) => plan.abandon?.(reason));
  try {
    return await waiting;
  } finally {
    forget();
  }
}
