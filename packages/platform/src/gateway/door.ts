import type { EngineOperation, PassOperation } from '#engines';
import type { WireFormat } from '#formats';

/** What a client wants done, whatever the path and the format that it asks in. */
export type Operation = EngineOperation | PassOperation;

/** Whose error objects the client reads. */
export type ErrorShape = 'openai' | 'anthropic' | 'google' | 'responses';

/** Where a call comes in: what is wanted, and in which shape the client speaks. */
export interface Door {
  readonly operation: Operation;
  /** Format of the body and of the answer; absent where the gateway translates nothing. */
  readonly format?: WireFormat;
  readonly errors: ErrorShape;
  /** The body may come in parts, with files. */
  readonly parts?: true;
  /** A model may be left out: the only one of the key that can do it is taken. */
  readonly optionalModel?: true;
}

const openai = (operation: Operation, more: Partial<Door> = {}): Door => ({ operation, errors: 'openai', ...more });

/** Every way in that a path alone decides. Both forms of a path stand here where clients use both. */
export const DOORS: ReadonlyMap<string, Door> = new Map<string, Door>([
  ['/v1/chat/completions', openai('chat', { format: 'openai-chat' })],
  ['/v1/completions', openai('completions', { format: 'openai-completions' })],
  ['/v1/embeddings', openai('embeddings')],
  ['/v1/responses', { operation: 'chat', format: 'openai-responses', errors: 'responses' }],
  ['/v1/messages', { operation: 'chat', format: 'anthropic-messages', errors: 'anthropic' }],
  ['/v1/messages/count_tokens', { operation: 'count-tokens', format: 'anthropic-messages', errors: 'anthropic' }],
  ['/v1/moderations', openai('moderations', { optionalModel: true })],
  ['/v1/images/generations', openai('images', { optionalModel: true })],
  ['/v1/images/edits', openai('image-edits', { parts: true, optionalModel: true })],
  ['/v1/audio/speech', openai('speech')],
  ['/v1/audio/transcriptions', openai('transcriptions', { parts: true })],
  ['/v1/audio/translations', openai('translations', { parts: true })],
  ['/v1/rerank', openai('rerank')],
  ['/v2/rerank', openai('rerank')],
  ['/rerank', openai('rerank')],
  ['/v1/score', openai('score')],
  ['/score', openai('score')],
  ['/tokenize', openai('tokenize')],
  ['/detokenize', openai('detokenize')],
]);

const GEMINI_METHODS: ReadonlyMap<string, Pick<Door, 'operation'> & { readonly stream: boolean }> = new Map([
  ['generateContent', { operation: 'chat', stream: false }],
  ['streamGenerateContent', { operation: 'chat', stream: true }],
  ['countTokens', { operation: 'count-tokens', stream: false }],
]);

/** A door, and what its path says in place of the body. */
export interface OpenDoor {
  readonly door: Door;
  readonly path?: { readonly model: string; readonly stream: boolean };
}

const GEMINI = /^\/v1(?:beta|alpha)?\/(?:models|tunedModels)\/(.+):([A-Za-z]+)$/;

/** The door of a path; undefined where there is none. Paths of the OpenAI API may come without `/v1`, as clients of other gateways send them. */
export function findDoor(path: string): OpenDoor | undefined {
  const door = DOORS.get(path) ?? (path.startsWith('/v') ? undefined : DOORS.get(`/v1${path}`));
  if (door !== undefined) return { door };
  const match = GEMINI.exec(path);
  const method = match?.[2] === undefined ? undefined : GEMINI_METHODS.get(match[2]);
  if (match?.[1] === undefined || method === undefined) return undefined;
  return { door: { operation: method.operation, format: 'gemini', errors: 'google' }, path: { model: decode(match[1]), stream: method.stream } };
}

/** Whether calls of models come in by a path. */
export const isCallPath = (path: string): boolean => findDoor(path) !== undefined;

/** The door of a call from inside the process. */
export const doorOf = (operation: EngineOperation): Door =>
  operation === 'chat' ? CHAT : operation === 'completions' ? openai('completions', { format: 'openai-completions' }) : openai('embeddings');

const CHAT: Door = openai('chat', { format: 'openai-chat' });

/** A name that is not valid percent-encoding is taken as it stands; no model will have it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
