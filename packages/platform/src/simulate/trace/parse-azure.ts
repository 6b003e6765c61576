import { PlatformError } from '@maru/api/errors';
import type { Trace, TraceRequest } from './trace-request.ts';

const TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d+)?$/;

/** Reads the CSV of the Azure LLM inference traces; throws `invalid_request` with the number of the bad line. */
export function parseAzure(text: string): Trace {
  const requests: TraceRequest[] = [];
  let first: Instant | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index === 0 || line.trim() === '') continue;
    const [time, input, output] = line.split(',');
    const at = parseTime(time ?? '');
    const inputTokens = Number(input);
    const outputTokens = Number(output);
    if (at === undefined || !isCount(inputTokens) || !isCount(outputTokens)) {
      throw new PlatformError('invalid_request', {
        message: `line ${index + 1} of the trace is wrong: want "TIMESTAMP,ContextTokens,GeneratedTokens"`,
        details: { line: index + 1 },
      });
    }
    first ??= at;
    requests.push({ atMs: at.wholeMs - first.wholeMs + (at.fractionMs - first.fractionMs), inputTokens: Math.max(1, inputTokens), outputTokens, blocks: [] });
  }
  return { format: 'azure', blockTokens: 512, requests: requests.sort((left, right) => left.atMs - right.atMs) };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

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
