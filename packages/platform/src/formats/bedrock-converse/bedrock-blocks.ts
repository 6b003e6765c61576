import type { AssistantPart, CacheMarker, ReasoningPart, ToolResultContent, ToolResultPart, UserPart } from '../canonical/part.ts';
import { Fields, invalidField } from '../fields.ts';
import { asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { unwrapSeal } from '../seal.ts';
import { decodeMediaBlock } from './bedrock-media.ts';

const FORMAT = 'bedrock-converse';

/** The marker of a `cachePoint` block; undefined for any other block. */
function readCachePoint(block: unknown): CacheMarker | undefined {
  if (!isObject(block) || !isObject(block['cachePoint'])) return undefined;
  const { ttl } = block['cachePoint'];
  return ttl === '1h' || ttl === '5m' ? { ttl } : {};
}

/** The block that asks to keep the prompt up to here. */
export const toCachePoint = (cache: CacheMarker): JsonObject => ({ cachePoint: { type: 'default', ...cache } });

/** Reads blocks; a cache point becomes a marker of the part before it. */
export function decodeBlocks<T extends object>(value: unknown, path: string, decode: (block: Fields, raw: JsonObject) => readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw invalidField(path, 'must be a list of content blocks');
  const parts: T[] = [];
  for (const [index, raw] of value.entries()) {
    const cache = readCachePoint(raw);
    const last = parts.at(-1);
    if (cache !== undefined) {
      if (last !== undefined) parts[parts.length - 1] = { ...last, cache };
      continue;
    }
    parts.push(...decode(new Fields(raw, `${path}[${index}]`), asObject(raw)));
  }
  return parts;
}

/** One block of a user's message, or of a tool's result. */
export function decodeUserBlock(block: Fields, raw: JsonObject): UserPart {
  const text = block.string('text');
  if (text !== undefined) return { type: 'text', text };
  for (const kind of ['image', 'document', 'video'] as const) {
    const inner = block.value(kind);
    if (inner !== undefined) return decodeMediaBlock(kind, new Fields(inner, block.at(kind)));
  }
  return { type: 'foreign', format: FORMAT, value: raw };
}

/** The block `toolResult`. */
export function decodeToolResult(result: Fields): ToolResultPart {
  const status = result.oneOf('status', ['success', 'error']);
  const content = decodeBlocks<ToolResultContent>(result.value('content') ?? [], result.at('content'), (block, raw) => {
    const json = block.value('json');
    if (json !== undefined) return [{ type: 'text', text: JSON.stringify(json) }];
    const part = decodeUserBlock(block, raw);
    return part.type === 'video' || part.type === 'audio' ? [{ type: 'foreign', format: FORMAT, value: raw }] : [part];
  });
  return { type: 'tool-result', callId: result.requiredString('toolUseId'), content, ...(status === 'error' ? { isError: true } : {}) };
}

/** One block of an assistant's message, in a request or an answer. */
export function readAssistantBlock(raw: JsonObject): AssistantPart {
  const text = asString(raw['text']);
  if (text !== undefined) return { type: 'text', text };
  if (isObject(raw['toolUse'])) {
    const { toolUseId, name, input } = raw['toolUse'];
    return { type: 'tool-call', id: asString(toolUseId) ?? '', name: asString(name) ?? '', arguments: JSON.stringify(input ?? {}) };
  }
  return isObject(raw['reasoningContent']) ? readReasoning(raw['reasoningContent']) : { type: 'foreign', format: FORMAT, value: raw };
}

function readReasoning(content: JsonObject): ReasoningPart {
  const redacted = asString(content['redactedContent']);
  if (redacted !== undefined) return { type: 'reasoning', text: '', seal: unwrapSeal({ format: FORMAT, kind: 'encrypted', value: redacted }) };
  const thought = asObject(content['reasoningText']);
  const signature = asString(thought['signature']);
  const text = asString(thought['text']) ?? '';
  return signature === undefined || signature === ''
    ? { type: 'reasoning', text }
    : { type: 'reasoning', text, seal: unwrapSeal({ format: FORMAT, kind: 'signature', value: signature }) };
}
