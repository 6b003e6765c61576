import { PlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from './canonical/answer.ts';
import { AnswerCollector } from './canonical/answer-collector.ts';
import type { Format } from './format.ts';

/**
 * Reads a whole stream as the answer that it tells, for a client that asked for no stream and an engine that gave one. Throws
 * `upstream_cut` for a stream that broke off, and `upstream_garbage` for one that can not be read.
 */
export function collectStream(format: Format, bytes: Uint8Array): CanonicalAnswer {
  const decoder = format.createStreamDecoder();
  const collector = new AnswerCollector();
  for (const event of [...decoder.push(bytes), ...decoder.end()]) collector.take(event);
  const { error, complete, answer } = collector;
  if (error === undefined && complete) return answer;
  throw new PlatformError(error?.kind === 'garbage' ? 'upstream_garbage' : 'upstream_cut', {
    message: `the engine broke off its answer: ${error?.message.slice(0, 1000) ?? 'its end is missing'}`,
    details: { upstreamCode: error?.code ?? error?.type ?? null },
  });
}
