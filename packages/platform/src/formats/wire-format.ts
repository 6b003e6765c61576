/** Every wire format of a chat call that Maru translates. */
export const WIRE_FORMATS = [
  'openai-chat',
  'openai-responses',
  'openai-completions',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere-chat',
] as const;

/** Name of one vendor's shape of a chat call: request, answer, stream, error and usage. */
export type WireFormat = (typeof WIRE_FORMATS)[number];
