import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Redis } from '#store';
import type { Ids } from '#time';
import { type Bucket, decideQuotas, type QuotaAsk, type QuotaStore, type QuotaUse } from '../quota-store.ts';
import { type EpochHistory, nextEpoch, notOpenYet, parseEpoch } from './limits-epoch.ts';
import { parseRecord, type QuotaRecord, recordLifeMs, takeReport, viewOf, withAnswer } from './quota-record.ts';
import { callsKey, EPOCH_KEY, HOLDERS_KEY, heldKey, INDEX_LIFE_MS, parseRef, quotaKey, recordCommands, toRef } from './record-commands.ts';
import { createSharedValues, type SharedValues, type Snapshot } from './shared-values.ts';

export interface RedisQuotaStoreOptions {
  readonly redis: Redis;
  readonly history: EpochHistory;
  readonly ids: Ids;
  /** Reads and changes what lies in `redis`; a test gives it another clock. */
  readonly values?: SharedValues;
}

// Somebody else succeeds whenever one of these fails.
const MAX_ATTEMPTS = 100;
const MAX_KEYS = 200;

/**
 * Keeps rates and places in Redis or Valkey, one value per quota, by the clock of the server. What is decided is written only if nothing of
 * what it was decided by has changed. Everything throws `overloaded` while the server is away; when it has lost its data, all holders say
 * what they use, and nothing is granted for a minute.
 */
export function createRedisQuotaStore({ redis, history, ids, values = createSharedValues(redis) }: RedisQuotaStoreOptions): QuotaStore {
  /** What this process has asked for: it is said again when Redis has lost it. */
  const own = new Map<string, Set<string>>();
  const refsOf = (holder: string): Set<string> => {
    const refs = own.get(holder) ?? new Set();
    own.set(holder, refs);
    return refs;
  };
  /** The epoch in which all of it was said. */
  let known: string | undefined;
  let remembered = false;

  /** Values and the epoch that they belong to, which begins when there is none. */
  const read = async (keys: readonly string[]): Promise<Snapshot & { readonly epoch: string }> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { values: found, nowMs } = await values.read([EPOCH_KEY, ...keys]);
      const [epoch, ...rest] = found;
      if (epoch !== undefined) {
        if (!remembered) await history.remember();
        remembered = true;
        return { epoch, values: rest, nowMs };
      }
      await values.swap([EPOCH_KEY], [undefined], [['SET', EPOCH_KEY, await nextEpoch(history, ids, nowMs)]]);
    }
    throw contended();
  };

  /** Decides until what was decided by is what is there. */
  const change = async <T>(
    quotas: readonly string[],
    decide: (records: readonly QuotaRecord[], at: { readonly nowMs: number; readonly epoch: string }) => Decided<T>,
  ): Promise<T> => {
    const keys = quotas.map(quotaKey);
    let seen = await read(keys);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { result, commands } = decide(seen.values.map(parseRecord), { nowMs: seen.nowMs, epoch: seen.epoch });
      if (commands.length === 0) return result;
      const changed = await values.swap([EPOCH_KEY, ...keys], [seen.epoch, ...seen.values], commands);
      if (changed === undefined) return result;
      const [epoch, ...rest] = changed.values;
      seen = epoch === undefined ? await read(keys) : { epoch, values: rest, nowMs: changed.nowMs };
    }
    throw contended();
  };

  const drop = (id: string, isDropped: (share: QuotaRecord['shares'][number]) => boolean): Promise<void> =>
    change([id], ([before], { nowMs }) => {
      if (before === undefined || !before.shares.some(isDropped)) return { result: undefined, commands: [] };
      const after = { ...before, shares: before.shares.filter((share) => !isDropped(share)) };
      return { result: undefined, commands: recordCommands({ id, before, after, nowMs, life: 'kept' }) };
    });

  return {
    exchange: (asks) =>
      orOverloaded(async () => {
        for (const { holder, id, startMs } of asks) refsOf(holder).add(toRef(id, startMs));
        const quotas = [...new Set(asks.map((ask) => ask.id))];
        return change(quotas, (found, { nowMs, epoch: text }) => {
          known ??= text;
          const epoch = parseEpoch(text);
          const isOpen = nowMs >= epoch.openMs;
          if (!isOpen && asks.some((ask) => ask.needed > 0)) throw notOpenYet(epoch, nowMs);
          const before = new Map(quotas.map((id, index) => [id, found[index] ?? parseRecord(undefined)]));
          const records = new Map(before);
          for (const ask of asks) records.set(ask.id, takeReport(recordOf(records, ask), ask, nowMs));
          // Until all have said what they use, nobody gets more than that.
          const answers = decideQuotas(
            isOpen ? asks : asks.map((ask) => ({ ...ask, cap: 0 })),
            asks.map((ask) => viewOf(recordOf(records, ask), ask, nowMs)),
          );
          for (const [index, ask] of asks.entries()) {
            const answer = answers[index];
            if (answer !== undefined) records.set(ask.id, withAnswer(recordOf(records, ask), { ask, answer, nowMs }));
          }
          const commands = quotas.flatMap((id) => {
            const ask = asks.find((each) => each.id === id);
            const [was, after] = [before.get(id), records.get(id)];
            if (ask === undefined || was === undefined || after === undefined) return [];
            return recordCommands({ id, before: was, after, nowMs, life: recordLifeMs(after, ask, nowMs) ?? 'forever' });
          });
          return { result: { answers, nowMs }, commands };
        });
      }),
    read: (wanted) =>
      orOverloaded(async () => {
        const uses = new Map<string, QuotaUse>();
        let latest = 0;
        for (let from = 0; from === 0 || from < wanted.length; from += MAX_KEYS) {
          const some = wanted.slice(from, from + MAX_KEYS);
          const { values: texts, nowMs } = await values.read(some.map(quotaKey));
          latest = nowMs;
          for (const [index, id] of some.entries()) if (texts[index] !== undefined) uses.set(id, useOf(parseRecord(texts[index]), nowMs));
        }
        return { uses, nowMs: latest };
      }),
    recalled: (holder) =>
      orOverloaded(async () => {
        const { epoch } = await read([]);
        if (known !== undefined && known !== epoch) {
          const lost = [...refsOf(holder)].map((ref) => ({ ...parseRef(ref), holder, recall: 0 }));
          known = epoch;
          if (lost.length > 0) return lost;
        }
        known = epoch;
        return pairs(await redis.send(['HGETALL', callsKey(holder)])).map(([ref, recall]) => ({ ...parseRef(ref), holder, recall: Number(recall) }));
      }),
    release: ({ id, startMs, holder }) =>
      orOverloaded(async () => {
        await drop(id, (share) => share.startMs === startMs && share.holder === holder);
        refsOf(holder).delete(toRef(id, startMs));
      }),
    releaseRuns: (prefix) =>
      orOverloaded(async () => {
        const { nowMs } = await read([]);
        await redis.send(['ZREMRANGEBYSCORE', HOLDERS_KEY, '-inf', String(nowMs - INDEX_LIFE_MS)]);
        for (const holder of texts(await redis.send(['ZRANGE', HOLDERS_KEY, '0', '-1']))) {
          if (!holder.startsWith(prefix)) continue;
          for (const ref of texts(await redis.send(['SMEMBERS', heldKey(holder)]))) {
            const { id } = parseRef(ref);
            if (!id.startsWith('rate/') || id.endsWith('/concurrent')) await drop(id, (share) => share.holder === holder);
          }
        }
      }),
  };
}

interface Decided<T> {
  readonly result: T;
  readonly commands: readonly (readonly string[])[];
}

const recordOf = (records: ReadonlyMap<string, QuotaRecord>, { id }: Pick<QuotaAsk, 'id'>): QuotaRecord => records.get(id) ?? parseRecord(undefined);

function useOf({ spent, shares }: QuotaRecord, nowMs: number): QuotaUse {
  const held = new Map<number, number>();
  for (const { startMs, granted, expiresMs } of shares) if (expiresMs > nowMs) held.set(startMs, (held.get(startMs) ?? 0) + granted);
  return { spent, held: [...held].map(([startMs, amount]): Bucket => [startMs, amount]) };
}

const contended = (): PlatformError =>
  new PlatformError('overloaded', { message: 'several replicas are fighting for the same limit; send the request again', retryAfterS: 1 });

/** Nobody is refused for a limit that could not be looked at: the request may be sent again. */
async function orOverloaded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPlatformError(error, 'storage_failed')) throw error;
    throw new PlatformError('overloaded', { message: 'the store of limits does not answer; send the request again', cause: error, retryAfterS: 1 });
  }
}

const texts = (reply: unknown): readonly string[] => (Array.isArray(reply) ? reply.map(String) : []);

/** Fields and values, as the second protocol lists them and the third one maps them. */
function pairs(reply: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(reply)) return reply.flatMap((field, at) => (at % 2 === 0 ? [[String(field), String(reply[at + 1])] as const] : []));
  if (reply instanceof Map) return [...reply].map(([field, value]) => [String(field), String(value)] as const);
  return typeof reply === 'object' && reply !== null ? Object.entries(reply).map(([field, value]) => [field, String(value)] as const) : [];
}
