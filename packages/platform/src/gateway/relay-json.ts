import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import { type Usage, ZERO_USAGE } from '@maru/api/records';
import type { EngineReply } from '#engines';
import { type FieldRange, scanObject } from '#http';
import { answerHeaders } from './answer-headers.ts';
import type { AttemptResult } from './call.ts';
import type { AttemptTime } from './lifetime.ts';
import { pumpBody } from './pump-body.ts';
import { readUsage } from './read-usage.ts';
import { type RelayOptions, warningHeader } from './relay-options.ts';

const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** A whole answer as the client gets it, and what it used. */
interface WholeAnswer {
  readonly body: Buffer;
  readonly usage: Usage;
  readonly estimated: boolean;
}

/** Reads a whole answer; throws `upstream_garbage` for what is none. */
export type ReadWhole = (body: Buffer, options: RelayOptions) => WholeAnswer;

/** Passes a whole answer on. It is read to its end first: only then is it known to be complete, and its cost known for the headers. */
export async function relayJson(options: RelayOptions, read: ReadWhole = readOpenAi): Promise<AttemptResult> {
  const { call, attempt, reply, time } = options;
  const { body, usage, estimated } = read(await collectBody(reply, time), options);
  return {
    kind: 'answered',
    usage,
    estimated,
    ttftMs: undefined,
    content: call.keepsContent ? body : undefined,
    last: body,
    finish: (cost) => {
      const headers = answerHeaders(call, attempt, { 'content-type': 'application/json; charset=utf-8', 'content-length': String(body.length) });
      call.sink.start(reply.status, Object.assign(headers, warningHeader(options.warnings), cost));
      call.sink.end(body);
    },
  };
}

/** Reads a body to its end; throws `upstream_garbage` beyond the limit, and what the engine or the signal throws. */
export function collectBody(reply: EngineReply, time: AttemptTime, limitBytes = MAX_REPLY_BYTES): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const sink = {
      closed: false,
      write(chunk: Buffer): boolean {
        time.touch();
        size += chunk.length;
        if (size > limitBytes && !sink.closed) {
          const error = new PlatformError('upstream_garbage', { message: `the engine's answer is larger than ${limitBytes} bytes` });
          sink.fail(error);
          time.abort(error);
        }
        if (!sink.closed) chunks.push(chunk);
        return true;
      },
      end(): void {
        sink.closed = true;
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
      },
      fail(thrown: unknown): void {
        sink.closed = true;
        reject(isPlatformError(thrown) ? thrown : toPlatformError(thrown, 'upstream_cut'));
      },
    };
    time.onAbort((reason) => sink.fail(reason));
    pumpBody(reply.body, sink);
  });
}

function readOpenAi(body: Buffer, { call, attempt }: RelayOptions): WholeAnswer {
  const range = fieldsOf(body, attempt.engine.endpoint).get('usage');
  const reported = range === undefined ? undefined : readUsage(parseRange(body, range));
  return { body, ...orEstimated(reported, { body, promptTokens: call.request.promptTokens, embeds: call.operation === 'embeddings' }) };
}

/** The fields of an answer; throws `upstream_garbage` when it is no JSON object. */
export function fieldsOf(body: Buffer, endpoint: string): Map<string, FieldRange> {
  try {
    return scanObject(body);
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${endpoint} answered with something that is not a JSON object`, cause });
  }
}

interface EstimateOptions {
  readonly body: Buffer;
  readonly promptTokens: number;
  readonly embeds: boolean;
}

/** The usage that the engine reported, or one that is estimated from the length of the answer. */
export function orEstimated(reported: Usage | undefined, options: EstimateOptions): { usage: Usage; estimated: boolean } {
  if (reported !== undefined) return { usage: reported, estimated: false };
  const outputTokens = options.embeds ? 0 : Math.ceil(options.body.length / 4);
  return { usage: { ...ZERO_USAGE, inputTokens: options.promptTokens, outputTokens }, estimated: true };
}

/** The value of a field; undefined when it is not valid JSON inside. */
export function parseRange(body: Buffer, range: FieldRange): unknown {
  try {
    return JSON.parse(body.toString('utf8', range.start, range.end)) as unknown;
  } catch {
    return undefined;
  }
}
