import type { DocumentPart, ForeignPart, MediaSource, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { Fields } from '../fields.ts';
import type { JsonObject } from '../json-value.ts';
import { camelKeys } from './camel-keys.ts';

/** A part that only Gemini knows. */
export const toForeign = (value: unknown): ForeignPart => ({ type: 'foreign', format: 'gemini', value });

/** `inlineData` and `fileData`; undefined for a part that has neither, or settings beside them that only Gemini knows. */
export function decodeMedia(part: Fields): Exclude<UserPart, { type: 'text' | 'foreign' }> | undefined {
  const inline = part.value('inlineData');
  const file = part.value('fileData');
  if (part.rest() !== undefined) return undefined;
  if (inline !== undefined) {
    const fields = new Fields(camelKeys(inline), part.at('inlineData'));
    return ofType({ type: 'base64', mediaType: fields.requiredString('mimeType'), data: fields.requiredString('data') }, fields.string('displayName'));
  }
  if (file === undefined) return undefined;
  const fields = new Fields(camelKeys(file), part.at('fileData'));
  const mediaType = fields.string('mimeType');
  const uri = fields.requiredString('fileUri');
  const known = mediaType === undefined ? {} : { mediaType };
  // Files that were uploaded to Google live under its own address, and mean nothing to others.
  const uploaded = uri.startsWith('https://generativelanguage.googleapis.com/') || !/^(https?|gs):\/\//.test(uri);
  return ofType(uploaded ? { type: 'file', id: uri, format: 'gemini', ...known } : { type: 'url', url: uri, ...known }, fields.string('displayName'));
}

function ofType(source: MediaSource, name: string | undefined): Exclude<UserPart, { type: 'text' | 'foreign' }> {
  const mediaType = source.mediaType ?? '';
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (mediaType.startsWith('audio/')) return { type: 'audio', source };
  if (mediaType.startsWith('video/') || (source.type === 'url' && /youtube\.com|youtu\.be/.test(source.url))) return { type: 'video', source };
  return { type: 'document', source, ...(name === undefined ? {} : { name }) };
}

/** One part as Gemini takes it; what it can not take is named and left out. */
export function encodeGeminiPart(part: UserPart, field: string, drops: DropList): readonly JsonObject[] {
  if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'Gemini caches prompts by itself');
  switch (part.type) {
    case 'text':
      return [{ text: part.text }];
    case 'image':
      if (part.detail === 'low' || part.detail === 'high') drops.hint(`${field}.detail`, 'Gemini has no detail per image');
      return encodeSource(part.source, { field, drops, fallback: 'image/jpeg' });
    case 'audio':
      return encodeSource(part.source, { field, drops, fallback: 'audio/mpeg' });
    case 'video':
      return encodeSource(part.source, { field, drops, fallback: 'video/mp4' });
    case 'document':
      return encodeDocument(part, field, drops);
    case 'foreign':
      if (part.format === 'gemini') return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

function encodeDocument(part: DocumentPart, field: string, drops: DropList): readonly JsonObject[] {
  const { source, name, context } = part;
  if (part.citations === true) drops.meaning(`${field}.citations`, 'Gemini does not cite documents');
  const before = context === undefined ? [] : [{ text: context }];
  if (source.type === 'text') return [...before, { text: name === undefined ? source.text : `${name}:\n${source.text}` }];
  const media = encodeSource(source, { field, drops, fallback: 'application/pdf' });
  // The name of a document is only for people where Gemini has no place for it.
  return [...before, ...media];
}

interface SourceOptions {
  readonly field: string;
  readonly drops: DropList;
  /** Kind of media where neither the client nor the ending of the address says one. */
  readonly fallback: string;
}

const ENDINGS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
};

function encodeSource(source: MediaSource, { field, drops, fallback }: SourceOptions): readonly JsonObject[] {
  if (source.type === 'base64') return [{ inlineData: { mimeType: source.mediaType, data: source.data } }];
  if (source.type === 'file' && source.format !== 'gemini') {
    drops.foreign(field, source.format);
    return [];
  }
  const fileUri = source.type === 'file' ? source.id : source.url;
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(fileUri)?.[1]?.toLowerCase() ?? '';
  return [{ fileData: { mimeType: source.mediaType ?? ENDINGS[ending] ?? fallback, fileUri } }];
}
