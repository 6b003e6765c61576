import type { DocumentPart, MediaSource, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import type { JsonObject } from '../json-value.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = Object.freeze({
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  html: 'text/html',
  txt: 'text/plain',
  md: 'text/markdown',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
});
const FORMATS: Readonly<Record<string, string>> = Object.freeze({
  ...Object.fromEntries(Object.entries(MEDIA_TYPES).map(([format, mediaType]) => [mediaType, format])),
  'image/jpg': 'jpeg',
});

type MediaPart = Extract<UserPart, { type: 'image' | 'document' | 'video' }>;

/** The blocks `image`, `document` and `video`. */
export function decodeMediaBlock(kind: MediaPart['type'], block: Fields): UserPart {
  const format = block.string('format');
  const source = new Fields(block.value('source'), block.at('source'));
  const mediaType = (format === undefined ? undefined : MEDIA_TYPES[format]) ?? 'application/octet-stream';
  const text = kind === 'document' ? source.string('text') : undefined;
  const content = text === undefined ? decodeSource(source, mediaType) : ({ type: 'text', text } as const);
  if (kind !== 'document') {
    if (content.type === 'text') throw invalidField(source.path, 'must have bytes or s3Location');
    return { type: kind, source: content };
  }
  const name = block.string('name');
  const context = block.string('context');
  const citations = block.object('citations')?.['enabled'];
  return {
    type: 'document',
    source: content,
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(typeof citations === 'boolean' ? { citations } : {}),
  };
}

function decodeSource(source: Fields, mediaType: string): MediaSource {
  const data = source.string('bytes');
  if (data !== undefined) return { type: 'base64', mediaType, data };
  const place = source.object('s3Location');
  if (place === undefined) throw invalidField(source.path, 'must have bytes or s3Location');
  return { type: 'url', url: new Fields(place, source.at('s3Location')).requiredString('uri'), mediaType };
}

export interface MediaPlace {
  readonly field: string;
  readonly drops: DropList;
}

/** One block, or none when Bedrock can not take the part, which is then named. */
export function encodeMedia(part: MediaPart, place: MediaPlace): readonly JsonObject[] {
  if (part.type === 'document') return encodeDocument(part, place);
  if (part.type === 'image' && (part.detail === 'low' || part.detail === 'high')) place.drops.hint(`${place.field}.detail`, 'Bedrock has no detail per image');
  const source = encodeSource(part.source, place);
  return source === undefined ? [] : [{ [part.type]: source }];
}

function encodeDocument(part: DocumentPart, place: MediaPlace): readonly JsonObject[] {
  const named = { name: toName(part.name, place.field) };
  const more = {
    ...(part.context === undefined ? {} : { context: part.context }),
    ...(part.citations === undefined ? {} : { citations: { enabled: part.citations } }),
  };
  if (part.source.type === 'text') return [{ document: { format: 'txt', ...named, source: { text: part.source.text }, ...more } }];
  const source = encodeSource(part.source, place);
  return source === undefined ? [] : [{ document: { ...source, ...named, ...more } }];
}

/** Bedrock allows letters, digits, single spaces, hyphens and brackets, and wants a name in any case. */
function toName(name: string | undefined, field: string): string {
  const allowed = (name ?? `document ${field.replace(/\D+/g, '-')}`)
    .replace(/[^A-Za-z0-9\s\-()[\]]+/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
  return allowed === '' ? 'document' : allowed.slice(0, 200);
}

function encodeSource(source: MediaSource, { field, drops }: MediaPlace): JsonObject | undefined {
  if (source.type === 'file') {
    drops.foreign(field, source.format);
    return undefined;
  }
  const ending = source.type === 'url' ? (/\.([a-z0-9]+)$/i.exec(source.url)?.[1]?.toLowerCase() ?? '') : '';
  const format = FORMATS[source.mediaType ?? ''] ?? (ending in MEDIA_TYPES ? ending : undefined);
  if (source.type === 'url' && !source.url.startsWith('s3://')) {
    drops.meaning(field, 'Bedrock takes media as base64 or from S3, not by URL');
    return undefined;
  }
  if (format === undefined) {
    drops.meaning(field, `Bedrock does not take the media type ${source.mediaType ?? 'of this file'}`);
    return undefined;
  }
  return { format, source: source.type === 'url' ? { s3Location: { uri: source.url } } : { bytes: source.data } };
}
