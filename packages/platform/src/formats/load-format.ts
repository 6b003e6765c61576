import type { Format } from './format.ts';
import type { WireFormat } from './wire-format.ts';

/** One line per format; a format is read from disk when the first call needs it, so that start-up pays for none. */
const LOADERS: Readonly<Record<WireFormat, () => Promise<Format>>> = {
  'openai-chat': async () => (await import('./openai-chat/openai-chat.ts')).openaiChat,
  'openai-responses': async () => (await import('./openai-responses/openai-responses.ts')).openaiResponses,
  'openai-completions': async () => (await import('./openai-completions/openai-completions.ts')).openaiCompletions,
  'anthropic-messages': async () => (await import('./anthropic-messages/anthropic-messages.ts')).anthropicMessages,
  'bedrock-converse': async () => (await import('./bedrock-converse/bedrock-converse.ts')).bedrockConverse,
  'cohere-chat': async () => (await import('./cohere/cohere-chat.ts')).cohereChat,
  gemini: async () => (await import('./gemini/gemini.ts')).gemini,
};

const loading = new Map<WireFormat, Promise<Format>>();

/** The translator of a format; read once. */
export function loadFormat(name: WireFormat): Promise<Format> {
  let format = loading.get(name);
  if (format === undefined) {
    format = LOADERS[name]();
    loading.set(name, format);
  }
  return format;
}
