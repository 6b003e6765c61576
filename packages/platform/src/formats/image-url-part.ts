import type { ImagePart } from './canonical/part.ts';
import { Fields, invalidField } from './fields.ts';
import type { JsonObject } from './json-value.ts';
import { parseMediaUrl, toMediaUrl } from './media.ts';

/** The part `image_url` of the chat APIs of OpenAI and Cohere. */
export function decodeImageUrl(part: Fields): ImagePart {
  const given = part.value('image_url');
  const image = new Fields(typeof given === 'string' ? { url: given } : given, part.at('image_url'));
  const detail = image.oneOf('detail', ['low', 'high', 'auto']);
  const source = parseMediaUrl(image.requiredString('url'));
  if (source === undefined) throw invalidField(image.at('url'), 'must be an http address or a base64 data URL');
  return { type: 'image', source, ...(detail === undefined ? {} : { detail }) };
}

/** Undefined for a picture that is an uploaded file. */
export function encodeImageUrl({ source, detail }: ImagePart): JsonObject | undefined {
  const url = toMediaUrl(source);
  return url === undefined ? undefined : { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}
