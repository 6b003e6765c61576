import { badLine, outOfOrder } from './bad-line.ts';
import type { TraceRequest } from './trace-request.ts';

const TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d+)?$/;

/** Reads the CSV of the Azure LLM inference traces; throws `invalid_request` with the number of the bad line. */
export function* parseAzure(lines: Iterable<string>): Generator<TraceRequest> {
  let first: Instant | undefined;
  let number = 0;
  let lastMs = 0;
  for (const raw of lines) {
    number += 1;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (number === 1 || line.trim() === '') continue;
    const [time, input, output] = line.split(',');
    const at = parseTime(time ?? '');
    const inputTokens = countOf(input);
    const outputTokens = countOf(output);
    if (at === undefined || inputTokens === undefined || outputTokens === undefined) {
      throw badLine(number, 'want "TIMESTAMP,ContextTokens,GeneratedTokens", a time as 2023-11-16 18:15:46.6805900 and counts of 0 or more');
    }
    first ??= at;
    const atMs = at.wholeMs - first.wholeMs + (at.fractionMs - first.fractionMs);
    if (atMs < lastMs) throw outOfOrder(number, atMs, lastMs);
    lastMs = atMs;
    yield { atMs, inputTokens: Math.max(1, inputTokens), outputTokens, blocks: [] };
  }
}

const countOf = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined);

/** Kept in two parts: milliseconds since 1970 in one double leave no room for the seven digits of a second. */
interface Instant {
  readonly wholeMs: number;
  readonly fractionMs: number;
}

function parseTime(text: string): Instant | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return { wholeMs: Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0), fractionMs: Number(`0${match[7] ?? ''}`) * 1000 };
}
