import { nanoToUsd } from '@maru/api/records';
import type { AdmittedCall } from './call.ts';
import type { Attempt } from './ports.ts';

/** What every answer says about its way. */
export function answerHeaders(call: AdmittedCall, attempt: Attempt): Record<string, string> {
  return {
    'x-request-id': call.requestId,
    'x-maru-trace-id': call.traceId,
    'x-maru-model': attempt.model,
    'x-maru-endpoint': attempt.engine.endpoint,
    'x-maru-route-reason': toHeaderText(attempt.reason),
    'x-maru-simulated': attempt.engine.simulated ? 'true' : 'false',
    ...call.reservation.headers,
    ...attempt.headers,
  };
}

/** Plain decimal dollars; nothing when no price is known. */
export function costHeader(costNanoUsd: number | null): Record<string, string> {
  if (costNanoUsd === null) return {};
  return {
    'x-maru-cost-usd': nanoToUsd(costNanoUsd)
      .toFixed(9)
      .replace(/\.?0+$/, ''),
  };
}

/** Header values are printable ASCII; other letters are percent-encoded, and nothing can start a new line. */
export function toHeaderText(text: string, longest = 300): string {
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return /^[\x20-\x7e]*$/.test(short) ? short : short.replace(/[^\x20-\x7e]+/g, (other) => encodeURIComponent(other.toWellFormed()));
}
