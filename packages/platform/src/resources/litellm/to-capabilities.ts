import type { ModelSpec } from '@maru/api/resources';
import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';

type Capabilities = ModelSpec['capabilities'];

const CHAT: Capabilities = ['chat', 'completions', 'tools', 'vision', 'json', 'reasoning'];

const BY_MODE: Readonly<Record<string, Capabilities>> = {
  chat: CHAT,
  responses: CHAT,
  batch: CHAT,
  completion: ['completions'],
  embedding: ['embeddings'],
  image_generation: ['images'],
  image_edit: ['images'],
  audio_transcription: ['transcriptions'],
  audio_speech: ['speech'],
  moderation: ['moderations'],
  rerank: ['rerank'],
};

/** Names say what a model is for, where the file does not. */
const BY_NAME: readonly (readonly [RegExp, Capabilities])[] = [
  [/rerank/i, ['rerank']],
  [/embed|bge-|e5-|gte-/i, ['embeddings']],
  [/whisper|transcribe/i, ['transcriptions']],
  [/\btts\b|tts-|-tts|speech/i, ['speech']],
  [/dall-e|gpt-image|imagen|stable-diffusion|flux/i, ['images']],
  [/moderation/i, ['moderations']],
];

const SWITCHES: readonly (readonly [string, Capabilities[number]])[] = [
  ['supports_vision', 'vision'],
  ['supports_function_calling', 'tools'],
  ['supports_response_schema', 'json'],
  ['supports_reasoning', 'reasoning'],
];

/** What a deployment can be asked for: its mode, or what its name says; `supports_…: false` takes a part away. A wildcard may be asked for anything. */
export function toCapabilities(entry: Entry, notices: Notices): Capabilities {
  if (entry.model.includes('*')) return [...CHAT, 'embeddings', 'moderations', 'images', 'speech', 'transcriptions', 'rerank'];
  const mode = entry.info['mode'];
  const known = typeof mode === 'string' ? BY_MODE[mode] : undefined;
  if (typeof mode === 'string' && known === undefined)
    notices.warn([...entry.path, 'model_info', 'mode'], `the mode "${mode}" is not served; the model is taken as a chat model`);
  const base = known ?? (mode === undefined ? BY_NAME.find(([name]) => name.test(entry.model))?.[1] : undefined) ?? CHAT;
  const missing = SWITCHES.filter(([key]) => entry.info[key] === false).map(([, capability]) => capability);
  return base.filter((capability) => !missing.includes(capability));
}
