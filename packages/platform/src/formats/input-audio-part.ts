import type { AudioPart } from './canonical/part.ts';
import { Fields } from './fields.ts';
import type { JsonObject } from './json-value.ts';

/** The part `input_audio` of OpenAI's APIs. */
export function decodeInputAudio(part: Fields): AudioPart {
  const audio = new Fields(part.value('input_audio'), part.at('input_audio'));
  return { type: 'audio', source: { type: 'base64', mediaType: `audio/${audio.requiredString('format')}`, data: audio.requiredString('data') } };
}

/** Undefined for sound that is not given as base64. */
export function encodeInputAudio({ source }: AudioPart): JsonObject | undefined {
  if (source.type !== 'base64') return undefined;
  return { type: 'input_audio', input_audio: { data: source.data, format: source.mediaType.replace(/^audio\/(x-)?/, '') } };
}
