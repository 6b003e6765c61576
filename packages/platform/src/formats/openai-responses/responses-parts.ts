import type { DocumentPart, TextPart, ToolResultContent, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import { decodeInputAudio, encodeInputAudio } from '../input-audio-part.ts';
import type { JsonObject } from '../json-value.ts';
import { parseMediaUrl, toMediaUrl } from '../media.ts';
import { isSameVendor } from '../seal.ts';

const FORMAT = 'openai-responses';

/** Reads a string or a list of parts. */
export function decodeParts<T>(value: unknown, path: string, decode: (part: Fields, type: string) => T): readonly T[] {
  if (value === undefined || value === '') return [];
  if (typeof value === 'string') return [decode(new Fields({ type: 'input_text', text: value }, path), 'input_text')];
  if (!Array.isArray(value)) throw invalidField(path, 'must be a string or a list of parts');
  return value.map((raw: unknown, index) => {
    const part = new Fields(raw, `${path}[${index}]`);
    return decode(part, part.requiredString('type'));
  });
}

export function decodeTextPart(part: Fields, type: string): TextPart {
  if (type === 'input_text' || type === 'output_text' || type === 'text') return { type: 'text', text: part.requiredString('text') };
  throw invalidField(part.at('type'), 'must be "input_text"');
}

/** A part of a user's message or of a tool's output. */
export function decodeInputPart(part: Fields, type: string): UserPart {
  switch (type) {
    case 'input_image': {
      const detail = part.oneOf('detail', ['low', 'high', 'auto', 'original']);
      const source = fileSource(part) ?? parseMediaUrl(part.requiredString('image_url'));
      if (source === undefined) throw invalidField(part.at('image_url'), 'must be an http address or a base64 data URL');
      return { type: 'image', source, ...(detail === undefined || detail === 'auto' ? {} : { detail: detail === 'original' ? 'high' : detail }) };
    }
    case 'input_file':
      return decodeFile(part);
    case 'input_audio':
      return decodeInputAudio(part);
    default:
      return decodeTextPart(part, type);
  }
}

function fileSource(part: Fields): Extract<DocumentPart['source'], { type: 'file' }> | undefined {
  const id = part.string('file_id');
  return id === undefined ? undefined : { type: 'file', id, format: FORMAT };
}

function decodeFile(part: Fields): DocumentPart {
  const name = part.string('filename');
  const named = name === undefined ? {} : { name };
  const url = part.string('file_url');
  const file = fileSource(part) ?? (url === undefined ? undefined : ({ type: 'url', url } as const));
  if (file !== undefined) return { type: 'document', source: file, ...named };
  const data = part.requiredString('file_data');
  return { type: 'document', source: parseMediaUrl(data) ?? { type: 'base64', mediaType: 'application/pdf', data }, ...named };
}

/** One part as the Responses API takes it; what it can not take is named and left out. */
export function encodeInputPart(part: UserPart | ToolResultContent, field: string, drops: DropList): readonly JsonObject[] {
  if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'OpenAI caches prompts by itself');
  switch (part.type) {
    case 'text':
      return [{ type: 'input_text', text: part.text }];
    case 'image': {
      const detail = { detail: part.detail ?? 'auto' };
      const url = toMediaUrl(part.source);
      if (url !== undefined) return [{ type: 'input_image', image_url: url, ...detail }];
      if (part.source.type === 'file' && isSameVendor(part.source.format, FORMAT)) return [{ type: 'input_image', file_id: part.source.id, ...detail }];
      drops.meaning(field, 'the picture is a file of another vendor');
      return [];
    }
    case 'document':
      return encodeDocument(part, field, drops);
    case 'audio': {
      const audio = encodeInputAudio(part);
      if (audio !== undefined) return [audio];
      drops.meaning(field, 'the Responses API takes sound as base64 only');
      return [];
    }
    case 'video':
      drops.meaning(field, 'the Responses API takes no video');
      return [];
    case 'foreign':
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeDocument(part: DocumentPart, field: string, drops: DropList): readonly JsonObject[] {
  if (part.citations === true) drops.meaning(`${field}.citations`, 'the Responses API does not cite documents of a prompt');
  const { source } = part;
  const named = part.name === undefined ? {} : { filename: part.name };
  const before = part.context === undefined ? [] : [{ type: 'input_text', text: part.context }];
  switch (source.type) {
    case 'text':
      return [...before, { type: 'input_text', text: part.name === undefined ? source.text : `${part.name}:\n${source.text}` }];
    case 'base64':
      return [...before, { type: 'input_file', filename: part.name ?? 'document', file_data: toMediaUrl(source) }];
    case 'url':
      return [...before, { type: 'input_file', file_url: source.url }];
    case 'file':
      if (isSameVendor(source.format, FORMAT)) return [...before, { type: 'input_file', file_id: source.id, ...named }];
      drops.foreign(field, source.format);
      return [];
  }
}
