import { encode } from '@msgpack/msgpack';

/** Where a block lies. */
export type KvMedium = 'GPU' | 'CPU' | 'DISK';

/** Told what becomes findable in a prefix cache and what no longer is. */
export interface KvCacheObserver {
  /** Block `index` of a sequence with these hashes can be found. */
  stored(hashes: ArrayLike<number>, index: number, medium: KvMedium): void;
  removed(hash: number, medium: KvMedium): void;
  /** Everything is gone. */
  cleared(): void;
}

/** One numbered message, as it goes over the wire. */
export interface KvMessage {
  readonly seq: number;
  readonly payload: Uint8Array;
}

export interface KvEventLogOptions {
  readonly blockSize: number;
  readonly nowMs: () => number;
  /** Differs between processes, as in vLLM without `PYTHONHASHSEED`: names of blocks mean nothing elsewhere. */
  readonly seed: number;
  /** Of events: arrays as up to vLLM 0.12, or maps as later. */
  readonly encoding?: 'array' | 'map';
  /** Messages that are kept for replay; 10,000 where absent, as in vLLM. */
  readonly keep?: number;
  readonly rank?: number;
  /** Keys that every block carries beside its tokens, as with a salt or an adapter. */
  readonly extraKeys?: readonly string[];
  /** Something waits for {@link KvEventLog.flush}; told once until it comes. */
  readonly onPending?: () => void;
}

type StoredEvent = { type: 'stored'; hashes: ArrayLike<number>; first: number; count: number; medium: KvMedium };
type Pending = StoredEvent | { type: 'removed'; hashes: number[]; medium: KvMedium } | { type: 'cleared' };

/** The KV events of one twin: what its cache reports, gathered into messages in the wire format of vLLM. */
export interface KvEventLog extends KvCacheObserver {
  /** Says which tokens the blocks of a plan hold, and of which LoRA adapter; what nobody asks for any more is forgotten by itself. */
  describe(hashes: ArrayLike<number>, bytes: Uint8Array, adapter?: string): void;
  /** Makes a message of what has happened since the last one; undefined when nothing has. */
  flush(): KvMessage | undefined;
  /** Kept messages from this number on. */
  since(seq: number): readonly KvMessage[];
}

const BYTES_PER_TOKEN = 4;

export function createKvEventLog(options: KvEventLogOptions): KvEventLog {
  const { blockSize, seed } = options;
  const keep = options.keep ?? 10_000;
  const contents = new WeakMap<ArrayLike<number>, { readonly bytes: Uint8Array; readonly adapter: string | undefined }>();
  const kept: KvMessage[] = [];
  let pending: Pending[] = [];
  let seq = 0;

  const nameOf = (hash: number): Uint8Array => {
    const name = Buffer.alloc(8);
    name.writeUInt32BE((Math.floor(hash / 0x1_0000_0000) ^ seed) >>> 0, 0);
    name.writeUInt32BE((hash ^ Math.imul(seed, 0x9e3779b1)) >>> 0, 4);
    return name;
  };

  const tokensOf = ({ hashes, first, count }: StoredEvent): number[] => {
    const bytes = contents.get(hashes)?.bytes ?? new Uint8Array(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const from = first * blockSize;
    return Array.from({ length: count * blockSize }, (_, token) => tokenAt(view, from + token));
  };

  const write = (event: Pending): unknown => {
    const fields = fieldsOf(event);
    return options.encoding === 'map' ? fields : Object.values(fields);
  };

  const fieldsOf = (event: Pending): Readonly<Record<string, unknown>> => {
    if (event.type === 'cleared') return { type: 'AllBlocksCleared' };
    if (event.type === 'removed') return { type: 'BlockRemoved', block_hashes: event.hashes.map(nameOf), medium: event.medium };
    const { hashes, first, count } = event;
    const adapter = contents.get(hashes)?.adapter;
    const extraKeys = [...(adapter === undefined ? [] : [adapter]), ...(options.extraKeys ?? [])];
    return {
      type: 'BlockStored',
      block_hashes: Array.from({ length: count }, (_, index) => nameOf(hashes[first + index] ?? 0)),
      parent_block_hash: first === 0 ? null : nameOf(hashes[first - 1] ?? 0),
      token_ids: tokensOf(event),
      block_size: blockSize,
      lora_id: null,
      medium: event.medium,
      lora_name: adapter ?? null,
      ...(extraKeys.length === 0 ? {} : { extra_keys: Array.from({ length: count }, () => extraKeys) }),
    };
  };

  const add = (event: Pending): void => {
    pending.push(event);
    if (pending.length === 1) options.onPending?.();
  };

  return {
    describe: (hashes, bytes, adapter) => void contents.set(hashes, { bytes, adapter }),
    stored(hashes, index, medium) {
      const last = pending.findLast((event) => event.type !== 'stored' || event.medium === medium);
      if (last?.type === 'stored' && last.hashes === hashes && last.first + last.count === index) last.count += 1;
      else add({ type: 'stored', hashes, first: index, count: 1, medium });
    },
    removed(hash, medium) {
      const last = pending.at(-1);
      if (last?.type === 'removed' && last.medium === medium) last.hashes.push(hash);
      else add({ type: 'removed', hashes: [hash], medium });
    },
    cleared: () => add({ type: 'cleared' }),
    flush() {
      if (pending.length === 0) return undefined;
      const events = pending.map(write);
      pending = [];
      const sentS = options.nowMs() / 1000;
      const rank = options.rank ?? 0;
      const payload = encode(options.encoding === 'map' ? { ts: sentS, events, data_parallel_rank: rank } : [sentS, events, rank]);
      const message: KvMessage = { seq, payload };
      seq += 1;
      kept.push(message);
      if (kept.length > keep) kept.shift();
      return message;
    },
    since: (from) => kept.filter((message) => message.seq >= from),
  };
}

/** A token of the twin is four bytes of the text; its id is their value. The last one of a text may have fewer. */
export function tokenAt(view: DataView, index: number): number {
  const at = index * BYTES_PER_TOKEN;
  if (at + BYTES_PER_TOKEN <= view.byteLength) return view.getUint32(at, true);
  let token = 0;
  for (let byte = 0; at + byte < view.byteLength; byte += 1) token += view.getUint8(at + byte) * 256 ** byte;
  return token;
}
