import { isPlatformError, PlatformError } from '@maru/api/errors';
import { parseAzure } from './parse-azure.ts';
import { mooncakeBlockTokens, parseMooncake } from './parse-mooncake.ts';
import { readLines } from './read-lines.ts';
import type { Trace, TraceFile, TraceFormat, TraceRequest } from './trace-request.ts';

/** Azure traces tell no blocks; this is the size that engines are given for them. */
const AZURE_BLOCK_TOKENS = 512;

/** Reads a trace, whichever of the known formats it has; throws `invalid_request` for another one, with the number of a bad line. */
export const parseTrace = (text: string): Trace => held(sourceOf(() => text.replace(/^\ufeff/, '').split('\n')));

/** Reads a trace file into memory; throws `not_found` where there is none, and `invalid_request` as {@link parseTrace}. */
export const readTrace = async (path: string): Promise<Trace> => inFile(path, () => held(sourceOf(() => cleanLines(path))));

/**
 * Checks a trace file of any length, line by line, and reads it anew each time it is asked for its requests: only what is
 * needed is in memory. Throws as {@link readTrace}; afterwards it only throws when the file has changed.
 */
export function openTrace(path: string): TraceFile {
  return inFile(path, () => {
    const source = sourceOf(() => cleanLines(path));
    let count = 0;
    let lastMs = 0;
    for (const request of source.requests) {
      count += 1;
      lastMs = request.atMs;
    }
    if (count === 0) throw empty();
    return { ...source, count, lastMs };
  });
}

/** What is wrong in a file is told with its name. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isPlatformError(error, 'invalid_request')) throw error;
    throw new PlatformError('invalid_request', { message: `${path}: ${error.message}`, details: { ...error.details, path }, cause: error });
  }
}

interface Source {
  readonly format: TraceFormat;
  readonly blockTokens: number;
  readonly requests: Iterable<TraceRequest>;
}

function sourceOf(lines: () => Iterable<string>): Source {
  const first = firstOf(lines());
  const requests = (parse: (lines: Iterable<string>) => Iterable<TraceRequest>): Iterable<TraceRequest> => ({
    [Symbol.iterator]: () => parse(lines())[Symbol.iterator](),
  });
  if (first.trimStart().startsWith('{')) return { format: 'mooncake', blockTokens: mooncakeBlockTokens(first), requests: requests(parseMooncake) };
  if (/^TIMESTAMP,/i.test(first)) return { format: 'azure', blockTokens: AZURE_BLOCK_TOKENS, requests: requests(parseAzure) };
  throw new PlatformError('invalid_request', {
    message:
      'the trace is neither Mooncake JSON lines ({"timestamp", "input_length", "output_length", "hash_ids"}) nor Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens)',
  });
}

function held(source: Source): Trace {
  const requests = [...source.requests];
  if (requests.length === 0) throw empty();
  return { ...source, requests };
}

function* cleanLines(path: string): Generator<string> {
  let first = true;
  for (const line of readLines(path)) {
    yield first ? line.replace(/^\ufeff/, '') : line;
    first = false;
  }
}

function firstOf(lines: Iterable<string>): string {
  for (const line of lines) return line;
  return '';
}

const empty = (): PlatformError => new PlatformError('invalid_request', { message: 'the trace has no request' });
