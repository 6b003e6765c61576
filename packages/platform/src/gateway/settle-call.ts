import { isNoUsage } from '@maru/api/records';
import type { AdmittedCall, RanAttempt } from './call.ts';
import type { Admission, Awaitable } from './ports.ts';

export type Charged = { readonly costNanoUsd: number | null } | undefined;

/**
 * Charges what was made, or gives the reservation back when nothing was: exactly one of the two, once per request.
 * Throws when the charge could not be written; then nothing was charged.
 */
export function settleCall(admission: Admission, call: AdmittedCall, ran: RanAttempt | undefined): Awaitable<Charged> {
  const made = ran === undefined || ran.result.kind === 'failed' ? undefined : ran.result;
  if (ran === undefined || made === undefined || isNoUsage(made.usage)) {
    const released = admission.release(call.reservation);
    return released instanceof Promise ? released.then(() => undefined) : undefined;
  }
  const { engine, model } = ran.attempt;
  return admission.settle(call.reservation, {
    requestId: call.requestId,
    traceId: call.traceId,
    requestedModel: call.target.name,
    model,
    endpoint: engine.endpoint,
    provider: engine.provider,
    servedName: engine.servedName,
    simulated: engine.simulated,
    usage: made.usage,
    estimated: made.estimated,
    outcome: made.kind === 'answered' ? 'ok' : made.failure.error.code === 'cancelled' ? 'cancelled' : 'error',
  });
}
