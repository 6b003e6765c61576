import { PlatformError } from '@maru/api/errors';
import { collectStream, createAnswerDecoder, type Format, loadFormat } from '#formats';
import type { AttemptResult } from './call.ts';
import { relayContinuable } from './continuation/relay-continuable.ts';
import { GRAMMARS } from './event-grammar.ts';
import { EventReader } from './event-reader.ts';
import { usageOfPass } from './pass-usage.ts';
import { relayBytes } from './relay-bytes.ts';
import { fieldsOf, orEstimated, parseRange, type ReadWhole, relayJson } from './relay-json.ts';
import { contextOf, type RelayOptions } from './relay-options.ts';
import { relayStream } from './relay-stream.ts';
import { StreamReader } from './stream-reader.ts';
import { TranslateReader } from './translate-reader.ts';
import type { Translation } from './translation.ts';

/** Gives the answer of an engine to the client, in the format of the client. */
export function relayAnswer(options: RelayOptions): Promise<AttemptResult> {
  const { call, reply, translation } = options;
  if (call.continuation !== undefined) return relayContinuable(options, call.continuation.begun);
  const { format, operation } = call.door;
  if (translation !== undefined) return relayTranslated(options, translation);
  const streams = isStream(reply.headers);
  if (streams !== call.request.stream && (operation === 'chat' || operation === 'completions')) return relayOtherwise(options);
  if (format === 'openai-chat' || format === 'openai-completions') {
    return streams ? relayStream(options, new StreamReader(call.request.wantsUsage)) : relayJson(options);
  }
  if (operation === 'embeddings') return relayJson(options);
  if (operation !== 'chat') return isJson(reply.headers) ? relayJson(options, readPassed) : relayBytes(options);
  return relayOwn(options, { name: format ?? 'openai-chat', streams });
}

/** Events of the web, or of Amazon. */
const isStream = (headers: Readonly<Record<string, string>>): boolean =>
  /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)/.test(headers['content-type'] ?? '');

const isJson = (headers: Readonly<Record<string, string>>): boolean => headers['content-type']?.includes('json') === true;

/** Bytes of a format that client and engine share; only what they used is read. */
async function relayOwn(options: RelayOptions, own: { readonly name: Format['name']; readonly streams: boolean }): Promise<AttemptResult> {
  const format = await loadFormat(own.name);
  const grammar = GRAMMARS[own.name];
  if (!own.streams || grammar === undefined) return relayJson(options, readOwn(format));
  return relayStream(options, new EventReader({ grammar, readUsage: format.readUsage }));
}

const readOwn =
  (format: Format): ReadWhole =>
  (body, { call, attempt }) => {
    const fields = fieldsOf(body, attempt.engine.endpoint);
    const range = fields.get('usage') ?? fields.get('usageMetadata');
    const reported = range === undefined ? undefined : format.readUsage(parseRange(body, range));
    return { body, ...orEstimated(reported, { body, promptTokens: call.request.promptTokens, embeds: false }) };
  };

/** The engine gave a stream where none was asked for, or the other way round: what the client asked for is made of it. */
async function relayOtherwise(options: RelayOptions): Promise<AttemptResult> {
  const { door, request } = options.call;
  const format = await loadFormat(door.format ?? 'openai-chat');
  const { model, stream } = request;
  const decoded = format.decodeRequest(request.value(), { model, stream }).request;
  if ((decoded.choices ?? 1) > 1) {
    const message = `${options.attempt.engine.endpoint} ${stream ? 'gave no stream' : 'gave a stream that was not asked for'}, and an answer of several choices can not be rewritten`;
    throw new PlatformError('upstream_garbage', { message });
  }
  return relayTranslated(options, { client: format, engine: format, request: decoded });
}

function relayTranslated(options: RelayOptions, translation: Translation): Promise<AttemptResult> {
  const { client, engine } = translation;
  const { headers } = options.reply;
  const context = contextOf(options, translation);
  if (options.call.request.stream) {
    const decoder = isJson(headers) ? createAnswerDecoder(engine) : engine.createStreamDecoder();
    return relayStream(options, new TranslateReader(decoder, client.createStreamEncoder(context)));
  }
  return relayJson(options, (body, { call, attempt }) => {
    const answer = isStream(headers) ? collectStream(engine, body) : engine.decodeAnswer(parseAnswer(body, attempt.engine.endpoint));
    const written = Buffer.from(JSON.stringify(client.encodeAnswer(answer, context)));
    return { body: written, ...orEstimated(answer.usage, { body, promptTokens: call.request.promptTokens, embeds: false }) };
  });
}

function parseAnswer(body: Buffer, endpoint: string): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${endpoint} answered with something that is not JSON`, cause });
  }
}

/** Larger values of an answer are pictures; what they used stands beside them. */
const MAX_READ_BYTES = 1024 * 1024;

const readPassed: ReadWhole = (body, { call }) => {
  const answer: Record<string, unknown> = {};
  // Some engines answer with a list, which says nothing of what was used.
  if (body.subarray(0, 64).toString('latin1').trimStart().startsWith('{')) {
    for (const [name, range] of fieldsOf(body, call.target.name)) {
      if (range.end - range.start <= MAX_READ_BYTES) answer[name] = parseRange(body, range);
    }
  }
  const { operation, request } = call;
  return { body, ...usageOfPass({ operation, request: request.value(), answer, promptTokens: request.promptTokens }) };
};
