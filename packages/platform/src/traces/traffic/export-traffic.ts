import { PlatformError } from '@maru/api/errors';
import type { RecordedCall } from './calls-of-trace.ts';
import { createKeyedIds, digestOf, ID_BYTES, type KeyedIds } from './keyed-ids.ts';
import { MARK_BYTES } from './prompt-marks.ts';

/** Calls from whose lengths the size of a block in tokens is taken. */
const SAMPLE = 500;

/**
 * Recorded calls as lines that `maru simulate` reads: first the tokens per block, then a call each, with times from the first one
 * on. Blocks and sessions get names that hold in this export only, because `salt` is used once. Throws `not_found` when there is no call.
 */
export async function* trafficLines(calls: AsyncIterable<RecordedCall>, salt: string): AsyncGenerator<string> {
  const ids = { block: createKeyedIds(salt, 'block'), session: createKeyedIds(salt, 'session') };
  let firstMs: number | undefined;
  let blockTokens = 0;
  const sample: RecordedCall[] = [];
  const line = (call: RecordedCall): string => {
    firstMs ??= call.startMs;
    return lineOf(call, { atMs: call.startMs - firstMs, blockTokens, ids });
  };
  for await (const call of calls) {
    if (blockTokens > 0) {
      yield line(call);
      continue;
    }
    sample.push(call);
    if (sample.length < SAMPLE) continue;
    blockTokens = blockTokensOf(sample);
    yield headOf(blockTokens);
    for (const each of sample.splice(0)) yield line(each);
  }
  if (blockTokens > 0) return;
  if (sample.length === 0)
    throw new PlatformError('not_found', {
      message: 'no answered call of a model is recorded in this time; name another one with --since, or another --model',
    });
  blockTokens = blockTokensOf(sample);
  yield headOf(blockTokens);
  for (const each of sample) yield line(each);
}

const headOf = (blockTokens: number): string => `${JSON.stringify({ block_size: blockTokens, source: 'maru traffic export' })}\n`;

/** Marks count bytes, engines count tokens: so many tokens have the bytes of a mark in these calls. */
function blockTokensOf(calls: readonly RecordedCall[]): number {
  let tokens = 0;
  let bytes = 0;
  for (const call of calls) {
    if (call.promptBytes === 0) continue;
    tokens += call.inputTokens;
    bytes += call.promptBytes;
  }
  return bytes === 0 ? MARK_BYTES / 4 : Math.max(1, Math.round((tokens * MARK_BYTES) / bytes));
}

interface LinePlace {
  readonly atMs: number;
  readonly blockTokens: number;
  readonly ids: { readonly block: KeyedIds; readonly session: KeyedIds };
}

function lineOf(call: RecordedCall, { atMs, blockTokens, ids }: LinePlace): string {
  const marks = Math.min(call.marks.length / ID_BYTES, Math.ceil(call.inputTokens / blockTokens));
  const blocks = ids.block(call.marks.subarray(0, marks * ID_BYTES), ID_BYTES);
  return `${JSON.stringify({
    timestamp: Math.round(atMs * 1000) / 1000,
    input_length: call.inputTokens,
    output_length: call.outputTokens,
    hash_ids: Array.from({ length: marks }, (_, index) => blocks.readUIntBE(index * ID_BYTES, ID_BYTES)),
    ...(call.session === undefined ? {} : { session_id: sessionName(call, ids.session) }),
    model: call.model,
  })}\n`;
}

const sessionName = ({ tenant, session }: RecordedCall, idsOf: KeyedIds): string => {
  const digest = digestOf(`${tenant}\n${session}`);
  return idsOf(digest, digest.length).toString('hex');
};
