import { PlatformError } from '@maru/api/errors';

/** Header that makes the twin's server fail one request on purpose. */
export const FAULT_HEADER = 'x-maru-twin-fault';

/** Text of the header that lets the keys and values of a request not arrive. */
export const KV_TRANSFER_FAULT = 'kv-transfer';

/** How a request fails, for tests of what stands before an engine. */
export type TwinFault =
  /** Answers with this status. */
  | { readonly kind: 'status'; readonly status: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers so much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Ends the connection after so many parts of the answer. */
  | { readonly kind: 'cut'; readonly parts: number }
  /** Its keys and values do not come from the prefill engine, so that it computes the prompt itself. */
  | { readonly kind: typeof KV_TRANSFER_FAULT }
  /** Ends this and all other connections, and takes no request for so long, as a server that starts again. */
  | { readonly kind: 'crash'; readonly downMs: number };

const WANTED = '"status=503", "hang", "kv-transfer", "slow=2000" (ms), "cut=3" (parts of the answer) or "crash=5000" (ms)';
const MOST_MS = 600_000;

/** Reads the header; throws `invalid_request` for another text. */
export function parseTwinFault(text: string): TwinFault {
  const [kind = '', figure] = text.trim().split('=');
  const value = figure === undefined ? Number.NaN : Number(figure);
  const within = (low: number, high: number): boolean => Number.isInteger(value) && value >= low && value <= high;
  if ((kind === 'hang' || kind === KV_TRANSFER_FAULT) && figure === undefined) return { kind };
  if (kind === 'status' && within(400, 599)) return { kind, status: value };
  if (kind === 'slow' && within(0, MOST_MS)) return { kind, delayMs: value };
  if (kind === 'cut' && within(0, 1_000_000)) return { kind, parts: value };
  if (kind === 'crash' && within(0, MOST_MS)) return { kind, downMs: value };
  throw new PlatformError('invalid_request', { message: `the header ${FAULT_HEADER} has "${text}"; want ${WANTED}` });
}
