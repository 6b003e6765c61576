import { PlatformError } from '@maru/api/errors';
import { decode } from '@msgpack/msgpack';
import type { EngineHash } from '../kv-index/engine-key.ts';
import type { BlocksRemoved, BlocksStored, KvBatch, KvEvent, Tier } from './kv-event.ts';

const MAX_BYTES = 32 * 1024 * 1024;

/** Fields of an event in the order of the array encoding; the map encoding has them by name. */
const STORED = [
  'block_hashes',
  'parent_block_hash',
  'token_ids',
  'block_size',
  'lora_id',
  'medium',
  'lora_name',
  'extra_keys',
  'group_idx',
  'kv_cache_spec_kind',
] as const;
const REMOVED = ['block_hashes', 'medium', 'group_idx'] as const;

const TIER_NAMES: Readonly<Record<string, Tier>> = {
  GPU: 'gpu',
  CPU: 'cpu',
  CPU_PINNED: 'cpu',
  CPU_TIER1: 'cpu',
  HOST: 'cpu',
  DISK: 'disk',
  CPU_TIER2: 'disk',
  FS: 'disk',
  STORAGE: 'disk',
  EXTERNAL: 'disk',
};

/**
 * Reads the payload of a message of KV events as vLLM, SGLang and llm-d's simulator send it, in the array or the map encoding. Events
 * with a name that is not known are named, not refused. Throws `upstream_garbage` for anything else.
 */
export function decodeBatch(payload: Uint8Array): KvBatch {
  if (payload.length > MAX_BYTES) throw garbage(`has ${payload.length} bytes, more than ${MAX_BYTES}`);
  let value: unknown;
  try {
    value = decode(payload);
  } catch (cause) {
    throw garbage('is not msgpack', cause);
  }
  const [sentS, events, rank] = Array.isArray(value) ? (value as unknown[]) : fieldsOf(value, ['ts', 'events', 'data_parallel_rank']);
  if (typeof sentS !== 'number' || !Array.isArray(events)) throw garbage('has no time and no list of events');
  const unknown: string[] = [];
  const read: KvEvent[] = [];
  for (const event of events) {
    const found = readEvent(event, unknown);
    if (found !== undefined) read.push(found);
  }
  return { sentS, rank: typeof rank === 'number' ? rank : undefined, events: read, unknown };
}

function readEvent(event: unknown, unknown: string[]): KvEvent | undefined {
  const name: unknown = Array.isArray(event) ? event[0] : fieldsOf(event, ['type'])[0];
  const read = (fields: readonly string[]): readonly unknown[] => (Array.isArray(event) ? event.slice(1) : fieldsOf(event, fields));
  switch (name) {
    case 'BlockStored':
      return readStored(read(STORED), unknown);
    case 'BlockRemoved':
      return readRemoved(read(REMOVED), unknown);
    case 'AllBlocksCleared':
      return { type: 'cleared' };
    default:
      unknown.push(typeof name === 'string' ? name.slice(0, 64) : 'an event without a name');
      return undefined;
  }
}

function readStored(fields: readonly unknown[], unknown: string[]): BlocksStored {
  const [hashes, parent, tokens, blockSize, loraId, medium, loraName, extra, group, kind] = fields;
  if (!isHashes(hashes) || !isTokens(tokens) || typeof blockSize !== 'number' || !Number.isInteger(blockSize) || blockSize < 1)
    throw garbage('has a BlockStored without hashes, tokens and block size');
  if (tokens.length !== hashes.length * blockSize) throw garbage(`has a BlockStored of ${hashes.length} blocks of ${blockSize} with ${tokens.length} tokens`);
  return {
    type: 'stored',
    hashes,
    parent: isHash(parent) ? parent : undefined,
    tokens,
    blockSize,
    tier: tierOf(medium, unknown),
    loraName: typeof loraName === 'string' ? loraName : typeof loraId === 'number' ? `lora ${loraId}` : undefined,
    extraKeys: Array.isArray(extra) ? extra.map((keys: unknown) => (Array.isArray(keys) ? keys : null)) : undefined,
    group: typeof group === 'number' ? group : 0,
    wholePrefix: typeof kind !== 'string' || kind === 'full_attention' || kind === 'mla_attention',
  };
}

function readRemoved(fields: readonly unknown[], unknown: string[]): BlocksRemoved {
  const [hashes, medium, group] = fields;
  if (!isHashes(hashes)) throw garbage('has a BlockRemoved without hashes');
  return { type: 'removed', hashes, tier: tierOf(medium, unknown), group: typeof group === 'number' ? group : 0 };
}

function tierOf(medium: unknown, unknown: string[]): Tier {
  if (typeof medium !== 'string') return 'gpu';
  const tier = TIER_NAMES[medium.toUpperCase()];
  if (tier === undefined) unknown.push(`medium ${medium.slice(0, 32)}`);
  return tier ?? 'disk';
}

function fieldsOf(value: unknown, names: readonly string[]): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return names.map(() => undefined);
  return names.map((name) => (value as Readonly<Record<string, unknown>>)[name]);
}

const isHash = (value: unknown): value is EngineHash => typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array;
const isHashes = (value: unknown): value is readonly EngineHash[] => Array.isArray(value) && value.every(isHash);
const isTokens = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((token) => typeof token === 'number');

const garbage = (what: string, cause?: unknown): PlatformError =>
  new PlatformError('upstream_garbage', {
    message: `a message of KV events ${what}; its engine may speak a newer version`,
    ...(cause === undefined ? {} : { cause }),
  });
