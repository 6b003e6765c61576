import { PlatformError } from '@maru/api/errors';
import { type EngineOperation, speaksOf } from '#engines';
import { type CanonicalRequest, type Dropped, type Format, loadFormat, type RequestField, type WireFormat } from '#formats';
import type { Call } from './call.ts';
import type { Attempt } from './ports.ts';
import { defaultsIn, unsaid } from './request-defaults.ts';
import type { Translation } from './translation.ts';

/** A request in a format that the engine speaks. */
export interface TranslatedRequest {
  readonly operation: EngineOperation;
  readonly format: WireFormat;
  readonly body: Buffer;
  readonly translation: Translation;
  /** What was let go, in sentences for the client. */
  readonly warnings: readonly string[];
}

/** The engine's format when it is not the client's; undefined where the bytes can be passed on. */
export function foreignFormat(call: Pick<Call, 'door'>, attempt: Attempt): WireFormat | undefined {
  const { format } = call.door;
  if (format === undefined) return undefined;
  const spoken = speaksOf(attempt.engine);
  if (spoken.includes(format) || (format === 'openai-completions' && spoken.includes('openai-chat'))) return undefined;
  return spoken[0];
}

/**
 * Translates the request of a client. Throws `invalid_request` for what is not of the client's format, and `not_supported`, naming the
 * field, for what the engine's format can not say, unless the client lets it go.
 */
export async function translateRequest(call: Call, attempt: Attempt, format: WireFormat): Promise<TranslatedRequest> {
  const [client, engine] = await Promise.all([loadFormat(call.door.format ?? 'openai-chat'), loadFormat(format)]);
  const { model, stream } = call.request;
  const { defaults } = attempt;
  const value = call.request.value();
  const ofOpenai = client.name === 'openai-chat' || client.name === 'openai-completions';
  const completed = defaults !== undefined && ofOpenai ? { ...unsaid(defaults, (name) => Object.hasOwn(value, name)), ...value } : value;
  const decoded = client.decodeRequest(completed, { model, stream });
  const { choices = 1, ...single } = decoded.request;
  const request: CanonicalRequest = { ...single, model: attempt.engine.servedName, ...(stream ? { streamUsage: true } : {}) };
  const encoded = engine.encodeRequest(request);
  const dropped = choices > 1 ? [SEVERAL, ...encoded.dropped] : encoded.dropped;
  const drops = call.dropsParams || attempt.dropParams === true;
  const further = defaults === undefined || ofOpenai ? {} : unsaid(await defaultsIn(format, defaults), (name) => Object.hasOwn(encoded.body, name));
  const lost = dropped.find((each) => each.weight === 'meaning');
  if (lost !== undefined && !drops) throw refuseLost(client, engine, { lost, model: call.target.name });
  return {
    operation: 'chat',
    format,
    body: Buffer.from(JSON.stringify({ ...encoded.body, ...further })),
    translation: { client, engine, request: decoded.request },
    warnings: [...decoded.warnings, ...dropped.map((each) => `${nameOf(client, each.field)} was left out: ${each.why}`)],
  };
}

/** Every format can say one answer; what several would cost is for the client to decide. */
const SEVERAL: Dropped = Object.freeze({
  field: 'choices',
  why: 'a translated answer holds one choice; send the request as often as you want choices',
  weight: 'meaning',
});

function refuseLost(client: Format, engine: Format, options: { readonly lost: Dropped; readonly model: string }): PlatformError {
  const param = nameOf(client, options.lost.field);
  return new PlatformError('not_supported', {
    message: `"${param}" can not be sent to "${options.model}", which speaks ${engine.name}: ${options.lost.why}; leave it out, or send drop_params`,
    details: { param },
  });
}

/** The field in the client's words. */
function nameOf(client: Format, field: string): string {
  const [, head = field, rest = ''] = /^(\w+)(.*)$/.exec(field) ?? [];
  if (head === 'extra') return rest.slice(1);
  return (client.fieldNames[head as RequestField] ?? head) + rest;
}
