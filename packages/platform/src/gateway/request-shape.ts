import type { Door, Operation } from './door.ts';

/** Which fields of a body say what the gateway needs to know. */
export interface RequestShape {
  /** Fields of the prompt, the first one that is there; none where the body says it in many places. */
  readonly prompt: readonly string[];
  /** The prompt is a list of messages. */
  readonly listed: boolean;
  /** The call makes no sense without a prompt. */
  readonly needsPrompt: boolean;
  readonly maxTokens: readonly string[];
  /** How a string begins that marks a picture in the prompt. */
  readonly image: Buffer | undefined;
  readonly streams: boolean;
}

const shape = (more: Partial<RequestShape>): RequestShape => ({
  prompt: ['input'],
  listed: false,
  needsPrompt: true,
  maxTokens: [],
  image: undefined,
  streams: false,
  ...more,
});

const CHAT = shape({
  prompt: ['messages'],
  listed: true,
  maxTokens: ['max_completion_tokens', 'max_tokens'],
  image: Buffer.from('"image_url"'),
  streams: true,
});

const BY_FORMAT: Readonly<Record<string, RequestShape>> = {
  'openai-chat': CHAT,
  'openai-completions': shape({ prompt: ['prompt'], maxTokens: ['max_completion_tokens', 'max_tokens'], streams: true }),
  'openai-responses': shape({ needsPrompt: false, maxTokens: ['max_output_tokens'], image: Buffer.from('"input_image"'), streams: true }),
  'anthropic-messages': shape({ prompt: ['messages'], listed: true, maxTokens: ['max_tokens'], image: Buffer.from('"image"'), streams: true }),
  gemini: shape({ prompt: ['contents'], needsPrompt: false, image: Buffer.from('"image/') }),
};

const BY_OPERATION: Readonly<Partial<Record<Operation, RequestShape>>> = {
  images: shape({ prompt: ['prompt'], streams: true }),
  speech: shape({}),
  rerank: shape({ prompt: ['documents'] }),
  score: shape({ prompt: ['text_1', 'queries', 'data_1'], needsPrompt: false }),
  tokenize: shape({ prompt: ['prompt', 'messages'] }),
  detokenize: shape({ prompt: ['tokens'] }),
};

const PLAIN = shape({});

/** The shape of the bodies that a door takes. */
export const shapeOf = (door: Door): RequestShape => (door.format === undefined ? undefined : BY_FORMAT[door.format]) ?? BY_OPERATION[door.operation] ?? PLAIN;

/** Every field that is read: one that stands twice is refused, because parsers disagree on which one counts. */
export const READ_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'user',
  'tools',
  'drop_params',
  'messages',
  'generationConfig',
  'generation_config',
  'previous_response_id',
  'store',
  'background',
  ...[...Object.values(BY_FORMAT), ...Object.values(BY_OPERATION)].flatMap((each) => [...each.prompt, ...each.maxTokens]),
]);
