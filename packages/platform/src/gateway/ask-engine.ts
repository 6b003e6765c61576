import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { EngineOperation, EngineReply, PassOperation } from '#engines';
import type { AdmittedCall } from './call.ts';
import { countedTokens, countWarning } from './count-tokens.ts';
import { EngineCall } from './engine-call.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import type { AttemptTime } from './lifetime.ts';
import type { Attempt } from './ports.ts';
import { defaultsIn, unsaid } from './request-defaults.ts';
import { spliceRequest } from './splice-request.ts';
import { formatTraceparent } from './trace-context.ts';
import { foreignFormat, translateRequest } from './translate-call.ts';
import type { Translation } from './translation.ts';

export interface AskOptions {
  readonly time: AttemptTime;
  readonly spanId: string;
}

/** The answer of an engine, and what stands between its format and the client's. */
export interface AskedEngine {
  readonly reply: EngineReply;
  readonly translation: Translation | undefined;
  readonly warnings: readonly string[];
}

const NONE: readonly string[] = Object.freeze([]);

/** Sends the call to one engine, in a format that it speaks. Throws what the engine throws, and the reason when the attempt is aborted. */
export function askEngine(call: AdmittedCall, attempt: Attempt, options: AskOptions): Promise<AskedEngine> {
  const { time } = options;
  const headers = { 'x-request-id': call.requestId, traceparent: formatTraceparent(call.traceId, options.spanId) };
  const asked = ask(call, attempt, { headers, time });
  // An engine that is deaf to its signal must not hold the request.
  return new Promise((resolve, reject) => {
    time.onAbort(reject);
    asked.then(resolve, reject);
  });
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly time: AttemptTime;
}

function ask(call: AdmittedCall, attempt: Attempt, sending: Sending): Promise<AskedEngine> {
  const { operation } = call.door;
  if (operation === 'count-tokens') return countTokens(call, attempt, sending);
  if (operation !== 'chat' && operation !== 'completions' && operation !== 'embeddings') return passOn(call, attempt, { ...sending, operation });
  const format = foreignFormat(call, attempt);
  if (format !== undefined) return askTranslated(call, attempt, { ...sending, format });
  const own = call.door.format;
  if (attempt.defaults !== undefined && own !== undefined && !IN_OPENAI_WORDS.has(own))
    return defaultsIn(own, attempt.defaults).then((defaults) => send(call, attempt, { ...sending, operation, defaults }));
  return send(call, attempt, { ...sending, operation, defaults: attempt.defaults });
}

/** Sends the bytes of the client, with what it has left to the deployment. */
function send(
  call: AdmittedCall,
  attempt: Attempt,
  sending: Sending & { readonly operation: EngineOperation; readonly defaults: Attempt['defaults'] },
): Promise<AskedEngine> {
  const { engine } = attempt;
  const { operation } = sending;
  const omits = call.dropsParams || attempt.dropParams === true ? (engine.refuses ?? NONE).filter((name) => call.request.fields.has(name)) : NONE;
  const spliced = spliceRequest(call.request, engine.servedName, { door: call.door, defaults: unsaidBy(call, sending.defaults) });
  const { format } = call.door;
  const headers = format === 'anthropic-messages' ? forwardedHeaders(sending.headers, call.facts.headers) : sending.headers;
  const asked = {
    operation,
    stream: call.request.stream,
    headers,
    ...continuing(call),
    ...(omits.length === 0 ? {} : { omits }),
    ...(format === undefined ? {} : { format }),
  };
  const replied = engine.call(new EngineCall(asked, spliced, sending.time));
  const warnings = omits.map((name) => `${name} was left out: ${engine.provider} does not take it`);
  return replied.then((reply) => ({ reply, translation: undefined, warnings }));
}

const continuing = (call: AdmittedCall): { readonly continues?: true } => (call.continuation?.begun === undefined ? {} : { continues: true });

/** Formats in whose words defaults are written. */
const IN_OPENAI_WORDS: ReadonlySet<string> = new Set(['openai-chat', 'openai-completions']);

const unsaidBy = ({ request }: AdmittedCall, defaults: Attempt['defaults']): Attempt['defaults'] =>
  defaults === undefined ? undefined : unsaid(defaults, (name) => request.fields.has(name));

/** A count of tokens takes no settings of an answer. */
const operationDefaults = (call: AdmittedCall, attempt: Attempt): Attempt['defaults'] =>
  call.door.operation === 'count-tokens' ? undefined : attempt.defaults;

async function askTranslated(
  call: AdmittedCall,
  attempt: Attempt,
  sending: Sending & { readonly format: Parameters<typeof translateRequest>[2] },
): Promise<AskedEngine> {
  const { operation, format, body, translation, warnings } = await translateRequest(call, attempt, sending.format);
  const asked = { operation, format, stream: call.request.stream, headers: sending.headers, ...continuing(call) };
  const reply = await attempt.engine.call(new EngineCall(asked, { body }, sending.time));
  return { reply, translation, warnings };
}

async function passOn(call: AdmittedCall, attempt: Attempt, sending: Sending & { readonly operation: PassOperation }): Promise<AskedEngine> {
  const { engine } = attempt;
  const { upload } = call.request;
  if (engine.pass === undefined) {
    throw new PlatformError('not_supported', { message: `"${attempt.model}" does not offer ${sending.operation}`, details: { param: 'model' } });
  }
  const reply = await engine.pass({
    operation: sending.operation,
    body:
      upload === undefined
        ? spliceRequest(call.request, engine.servedName, { door: call.door, defaults: unsaidBy(call, operationDefaults(call, attempt)) }).body
        : upload.body(engine.servedName, () => sending.time.touch()),
    contentType: upload?.contentType ?? 'application/json',
    headers: sending.headers,
    signal: sending.time.signal,
  });
  return { reply, translation: undefined, warnings: NONE };
}

/** Asks an engine of the client's own format to count; where there is none, the length of the request is the measure. */
async function countTokens(call: AdmittedCall, attempt: Attempt, sending: Sending): Promise<AskedEngine> {
  if (attempt.engine.pass !== undefined && foreignFormat(call, attempt) === undefined) {
    try {
      return await passOn(call, attempt, { ...sending, operation: 'count-tokens' });
    } catch (error) {
      if (!isPlatformError(error, 'not_supported')) throw error;
    }
  }
  return { reply: countedTokens(call), translation: undefined, warnings: [countWarning(call)] };
}
