import type { AdmittedCall } from './call.ts';
import type { Attempt } from './ports.ts';

/** What every answer says about its way; beside the headers that are there already. */
export function answerHeaders(call: AdmittedCall, attempt: Attempt, headers: Record<string, string> = {}): Record<string, string> {
  headers['x-request-id'] = call.requestId;
  headers['x-maru-trace-id'] = call.traceId;
  headers['x-maru-model'] = attempt.model;
  headers['x-maru-endpoint'] = attempt.engine.endpoint;
  headers['x-maru-route-reason'] = toHeaderText(attempt.reason);
  headers['x-maru-simulated'] = attempt.engine.simulated ? 'true' : 'false';
  Object.assign(headers, call.reservation.headers);
  return attempt.headers === undefined ? headers : Object.assign(headers, attempt.headers);
}

/** Plain decimal dollars; nothing when no price is known. */
export function costHeader(costNanoUsd: number | null): Record<string, string> {
  return costNanoUsd === null ? {} : { 'x-maru-cost-usd': toDecimalUsd(costNanoUsd) };
}

const NANO_DIGITS = 9;

/** Dollars without an exponent and without zeros at the end. */
function toDecimalUsd(nanoUsd: number): string {
  const digits = String(Math.abs(nanoUsd)).padStart(NANO_DIGITS + 1, '0');
  let end = digits.length;
  const point = end - NANO_DIGITS;
  while (end > point && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  const whole = `${nanoUsd < 0 ? '-' : ''}${digits.slice(0, point)}`;
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/** Header values are printable ASCII; other letters are percent-encoded, and nothing can start a new line. */
export function toHeaderText(text: string, longest = 300): string {
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return /^[\x20-\x7e]*$/.test(short) ? short : short.replace(/[^\x20-\x7e]+/g, (other) => encodeURIComponent(other.toWellFormed()));
}
