import { PlatformError } from '@maru/api/errors';
import type { Trace, TraceRequest } from './trace-request.ts';

const TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d+)?$/;

/** Reads the CSV of the Azure LLM inference traces; throws `invalid_request` with the number of the bad line. */
export function parseAzure(text: string): Trace {
  const requests: TraceRequest[] = [];
  let first: number | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index === 0 || line.trim() === '') continue;
    const [time, input, output] = line.split(',');
    const atMs = parseTime(time ?? '');
    const inputTokens = Number(input);
    const outputTokens = Number(output);
    if (atMs === undefined || !isCount(inputTokens) || !isCount(outputTokens)) {
      throw new PlatformError('invalid_request', {
        message: `line ${index + 1} of the trace is wrong: want "TIMESTAMP,ContextTokens,GeneratedTokens"`,
        details: { line: index + 1 },
      });
    }
    first ??= atMs;
    requests.push({ atMs: atMs - first, inputTokens: Math.max(1, inputTokens), outputTokens, blocks: [] });
  }
  return { format: 'azure', blockTokens: 512, requests: requests.sort((left, right) => left.atMs - right.atMs) };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** Milliseconds; the fraction has seven digits, more than `Date` keeps, so it is read by itself. */
function parseTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0) + Number(`0${match[7] ?? ''}`) * 1000;
}
