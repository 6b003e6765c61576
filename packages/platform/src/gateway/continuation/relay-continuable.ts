import { createAnswerDecoder, loadFormat } from '#formats';
import type { AttemptResult } from '../call.ts';
import { contextOf, type RelayOptions } from '../relay-options.ts';
import { relayStream } from '../relay-stream.ts';
import { TranslateReader } from '../translate-reader.ts';
import type { Translation } from '../translation.ts';
import { BegunAnswer } from './begun-answer.ts';
import { ContinuingEncoder } from './continuing-encoder.ts';
import { givenOf } from './given.ts';

/** Relays a stream that another engine may go on with, or that goes on with another's: written anew, so that it stays one answer. */
export async function relayContinuable(options: RelayOptions, begun: BegunAnswer | undefined): Promise<AttemptResult> {
  const { attempt, reply } = options;
  const translation = options.translation ?? (await ownTranslation(options));
  const isWhole = reply.headers['content-type']?.includes('json') === true;
  const decoder = isWhole ? createAnswerDecoder(translation.engine) : translation.engine.createStreamDecoder();
  const answer = begun ?? new BegunAnswer(translation.client.createStreamEncoder(contextOf(options, translation)));
  const encoder =
    begun === undefined
      ? answer.first()
      : new ContinuingEncoder(answer, {
          by: `${attempt.model} at ${attempt.engine.endpoint}`,
          given: givenOf(answer, attempt.engine),
          echoes: attempt.engine.continues?.echoes === true,
        });
  const result = await relayStream(options, new TranslateReader(decoder, encoder));
  return result.kind === 'broken' ? { ...result, begun: answer } : result;
}

/** From the client's format to itself. */
async function ownTranslation({ call }: RelayOptions): Promise<Translation> {
  const format = await loadFormat(call.door.format ?? 'openai-chat');
  const { model, stream } = call.request;
  return { client: format, engine: format, request: format.decodeRequest(call.request.value(), { model, stream }).request };
}
