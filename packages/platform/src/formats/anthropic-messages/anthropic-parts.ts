import type { DocumentPart, ImagePart, MediaSource, SystemPart, TextPart, ToolResultContent, UserPart } from '../canonical/part.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import { asList, type JsonObject } from '../json-value.ts';
import { readCache, toCacheControl } from '../read-cache.ts';

const FORMAT = 'anthropic-messages';

/** Reads a string or a list of blocks. */
export function decodeBlocks<T>(value: unknown, path: string, decode: (block: Fields, type: string, raw: unknown) => T): readonly T[] {
  if (value === undefined || value === '') return [];
  const list = typeof value === 'string' ? [{ type: 'text', text: value }] : value;
  if (!Array.isArray(list)) throw invalidField(path, 'must be a string or a list of blocks');
  return list.map((raw: unknown, index) => {
    const block = new Fields(raw, typeof value === 'string' ? path : `${path}[${index}]`);
    return decode(block, block.requiredString('type'), raw);
  });
}

export function decodeSystemBlock(block: Fields, type: string): SystemPart {
  if (type === 'text') return decodeText(block);
  throw invalidField(block.at('type'), 'must be "text"');
}

export function decodeText(block: Fields): TextPart {
  const citations = asList(block.value('citations'));
  return {
    type: 'text',
    text: block.requiredString('text'),
    ...readCache(block),
    ...(citations.length === 0 ? {} : { notes: { format: FORMAT, value: citations } }),
  };
}

/** A block of the user, or of a tool result. */
export function decodeUserBlock(block: Fields, type: string, raw: unknown): Exclude<UserPart, { type: 'audio' | 'video' }> {
  switch (type) {
    case 'text':
      return decodeText(block);
    case 'image':
      return { type: 'image', source: decodeSource(new Fields(block.value('source'), block.at('source'))), ...readCache(block) };
    case 'document':
      return decodeDocument(block, raw);
    default:
      return { type: 'foreign', format: FORMAT, value: raw };
  }
}

function decodeSource(source: Fields): MediaSource {
  switch (source.requiredString('type')) {
    case 'base64':
      return { type: 'base64', mediaType: source.requiredString('media_type'), data: source.requiredString('data') };
    case 'url':
      return { type: 'url', url: source.requiredString('url') };
    case 'file':
      return { type: 'file', id: source.requiredString('file_id'), format: FORMAT };
    default:
      throw invalidField(source.at('type'), 'must be "base64", "url" or "file"');
  }
}

function decodeDocument(block: Fields, raw: unknown): DocumentPart | Extract<UserPart, { type: 'foreign' }> {
  const source = new Fields(block.value('source'), block.at('source'));
  const kind = source.requiredString('type');
  if (kind === 'content') return { type: 'foreign', format: FORMAT, value: raw };
  const name = block.string('title');
  const context = block.string('context');
  const citations = block.object('citations');
  return {
    type: 'document',
    source: kind === 'text' ? { type: 'text', text: source.requiredString('data') } : decodeSource(source),
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(citations === undefined ? {} : { citations: citations['enabled'] === true }),
    ...readCache(block),
  };
}

/** Anthropic refuses texts without a visible character. */
export const isBlank = (text: string): boolean => text.trim() === '';

/** One part as a block; what Anthropic can not take is named and left out. */
export function encodeBlock(part: UserPart | ToolResultContent, field: string, drops: DropList): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return isBlank(part.text) ? [] : [encodeText(part)];
    case 'image':
      return encodeImage(part, field, drops);
    case 'document':
      return encodeDocument(part, field, drops);
    case 'audio':
    case 'video':
      drops.meaning(field, `models of Anthropic do not take ${part.type}`);
      return [];
    case 'foreign':
      if (part.format === FORMAT) return [part.value as JsonObject];
      drops.foreign(field, part.format);
      return [];
  }
}

export function encodeText(part: TextPart): JsonObject {
  return {
    type: 'text',
    text: part.text,
    ...(part.notes?.format === FORMAT ? { citations: part.notes.value } : {}),
    ...toCacheControl(part.cache),
  };
}

function encodeImage(part: ImagePart, field: string, drops: DropList): readonly JsonObject[] {
  const source = encodeSource(part.source);
  if (source === undefined) {
    drops.foreign(field, FORMAT);
    return [];
  }
  if (part.detail === 'low') drops.hint(`${field}.detail`, 'models of Anthropic see pictures in one detail');
  return [{ type: 'image', source, ...toCacheControl(part.cache) }];
}

function encodeDocument(part: DocumentPart, field: string, drops: DropList): readonly JsonObject[] {
  const isText = part.source.type === 'base64' && part.source.mediaType.startsWith('text/');
  if (part.source.type === 'base64' && !isText && part.source.mediaType !== 'application/pdf') {
    drops.meaning(field, `models of Anthropic take documents as PDF or text, not as ${part.source.mediaType.slice(0, 60)}`);
    return [];
  }
  const source =
    part.source.type === 'text'
      ? toTextSource(part.source.text)
      : part.source.type === 'base64' && isText
        ? toTextSource(Buffer.from(part.source.data, 'base64').toString('utf8'))
        : encodeSource(part.source);
  if (source === undefined) {
    drops.foreign(field, FORMAT);
    return [];
  }
  return [
    {
      type: 'document',
      source,
      ...(part.name === undefined ? {} : { title: part.name }),
      ...(part.context === undefined ? {} : { context: part.context }),
      ...(part.citations === undefined ? {} : { citations: { enabled: part.citations } }),
      ...toCacheControl(part.cache),
    },
  ];
}

const toTextSource = (text: string): JsonObject => ({ type: 'text', media_type: 'text/plain', data: text });

function encodeSource(source: MediaSource): JsonObject | undefined {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      return source.format === FORMAT ? { type: 'file', file_id: source.id } : undefined;
  }
}
