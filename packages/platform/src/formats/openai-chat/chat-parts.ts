import type { DocumentPart, ToolResultContent, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import { decodeImageUrl, encodeImageUrl } from '../image-url-part.ts';
import { decodeInputAudio, encodeInputAudio } from '../input-audio-part.ts';
import type { JsonObject } from '../json-value.ts';
import { parseMediaUrl, toMediaUrl } from '../media.ts';
import { readCache } from '../read-cache.ts';
import { isSameVendor } from '../seal.ts';

/** One part of a user's message. */
export function decodeUserPart(part: Fields, type: string): UserPart {
  switch (type) {
    case 'text':
    case 'input_text':
      return { type: 'text', text: part.requiredString('text'), ...readCache(part) };
    case 'image_url':
      return { ...decodeImageUrl(part), ...readCache(part) };
    case 'input_audio':
      return decodeInputAudio(part);
    case 'file':
      return { ...decodeFile(new Fields(part.value('file'), part.at('file'))), ...readCache(part) };
    case 'video_url': {
      const url = new Fields(part.value('video_url'), part.at('video_url')).requiredString('url');
      return { type: 'video', source: parseMediaUrl(url) ?? refuseUrl(part.at('video_url.url')) };
    }
    default:
      throw invalidField(part.at('type'), `is the unknown kind of content "${type.slice(0, 40)}"`);
  }
}

const refuseUrl = (param: string): never => {
  throw invalidField(param, 'must be an http address or a base64 data URL');
};

function decodeFile(file: Fields): DocumentPart {
  const name = file.string('filename');
  const named = name === undefined ? {} : { name };
  const id = file.string('file_id');
  if (id !== undefined) return { type: 'document', source: { type: 'file', id, format: 'openai-chat' }, ...named };
  const data = file.requiredString('file_data');
  const source = parseMediaUrl(data) ?? { type: 'base64', mediaType: 'application/pdf', data };
  return { type: 'document', source, ...named };
}

/** One part as the chat API takes it; what it can not take is named and left out. */
export function encodeUserPart(part: UserPart, field: string, drops: DropList): readonly JsonObject[] {
  if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'servers of the OpenAI API cache prompts by themselves');
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'image': {
      const image = encodeImageUrl(part);
      if (image !== undefined) return [image];
      drops.meaning(field, 'the chat API takes images by URL or as base64, not by the id of a file');
      return [];
    }
    case 'document':
      return encodeDocument(part, field, drops);
    case 'audio': {
      const audio = encodeInputAudio(part);
      if (audio !== undefined) return [audio];
      drops.meaning(field, 'the chat API takes sound as base64 only');
      return [];
    }
    case 'video': {
      const url = toMediaUrl(part.source);
      if (url !== undefined) return [{ type: 'video_url', video_url: { url } }];
      drops.meaning(field, 'the chat API takes video by URL or as base64');
      return [];
    }
    case 'foreign':
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeDocument(part: DocumentPart, field: string, drops: DropList): readonly JsonObject[] {
  if (part.citations === true) drops.meaning(`${field}.citations`, 'the chat API does not cite documents');
  const { source } = part;
  const named = part.name === undefined ? {} : { filename: part.name };
  const before = part.context === undefined ? [] : [{ type: 'text', text: part.context }];
  switch (source.type) {
    case 'text':
      return [...before, { type: 'text', text: part.name === undefined ? source.text : `${part.name}:\n${source.text}` }];
    case 'base64':
      return [...before, { type: 'file', file: { filename: part.name ?? 'document', file_data: toMediaUrl(source) } }];
    case 'file':
      if (isSameVendor(source.format, 'openai-chat')) return [...before, { type: 'file', file: { file_id: source.id, ...named } }];
      drops.foreign(field, source.format);
      return [];
    case 'url':
      drops.meaning(field, 'the chat API takes documents as base64, not by URL');
      return [];
  }
}

/** The texts of a tool result, and the other parts, which must follow in a user's message. */
export function splitToolResult(content: readonly ToolResultContent[]): { readonly texts: readonly string[]; readonly others: readonly UserPart[] } {
  return {
    texts: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
    others: content.filter((part) => part.type !== 'text'),
  };
}
