import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { AnswerStore } from './answer-store.ts';
import type { CacheControls } from './cache-controls.ts';
import { type CachedAnswer, decodeAnswer, encodeAnswer } from './cached-answer.ts';
import { callsTools } from './calls-tools.ts';
import type { Embedder } from './ports.ts';
import { type CacheRequest, type CacheScope, meaningKey, requestKey } from './request-key.ts';
import { createSemanticIndex } from './semantic-index.ts';
import { createSingleFlight } from './single-flight.ts';

/** What a route says about its cache. */
export interface CachePolicy {
  readonly store: 'memory' | 'database' | 'redis';
  readonly ttlMs: number;
  readonly scope: CacheScope;
  /** Search by meaning; exact only where absent. */
  readonly semantic?: { readonly embedder: Embedder; readonly threshold: number };
  readonly tools: boolean;
  readonly singleFlight: boolean;
  readonly maxAnswerBytes: number;
}

/** What the cache says to a request. */
export type CacheTurn =
  | { readonly kind: 'hit'; readonly how: 'exact' | 'semantic' | 'shared'; readonly key: string; readonly answer: CachedAnswer; readonly score?: number }
  /** Nothing was found. One of the two must be called in the end: others may wait for it. */
  | { readonly kind: 'miss'; readonly key: string; readonly keep: (answer: CachedAnswer) => Promise<void>; readonly leave: () => void };

export interface AnswerCacheOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly stores: Readonly<Partial<Record<CachePolicy['store'], AnswerStore>>>;
}

interface OpenOptions {
  readonly policy: CachePolicy;
  readonly controls: CacheControls;
  readonly signal: AbortSignal;
}

export interface AnswerCache {
  /** Looks for an answer, and waits for one that is on its way. Never throws because of a store or an embedder; throws the signal's reason. */
  open(request: CacheRequest, options: OpenOptions): Promise<CacheTurn>;
  /** Since the start. */
  stats(): { readonly hits: number; readonly misses: number };
  close(): Promise<void>;
}

const MAX_VECTORS = 20_000;
const MAX_PER_FACET = 2000;

export function createAnswerCache({ clock, log, stores }: AnswerCacheOptions): AnswerCache {
  const flights = createSingleFlight();
  const index = createSemanticIndex({ clock, maxVectors: MAX_VECTORS, maxPerFacet: MAX_PER_FACET });

  const safely = async <T>(what: string, work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.warn({ code: (error as { code?: unknown } | undefined)?.code }, `${what} failed; the request goes on without the cache`);
      return undefined;
    }
  };

  const isYoung = (answer: CachedAnswer, controls: CacheControls): boolean =>
    controls.maxAgeMs === undefined || clock.nowMs() - answer.createdMs < controls.maxAgeMs;

  const read = async (store: AnswerStore, key: string, controls: CacheControls): Promise<CachedAnswer | undefined> => {
    const bytes = await safely('reading from the cache', () => store.get(key));
    const answer = bytes === undefined ? undefined : decodeAnswer(bytes);
    return answer !== undefined && isYoung(answer, controls) ? answer : undefined;
  };

  const counts = { hits: 0, misses: 0 };

  return {
    stats: () => ({ ...counts }),
    async open(request, options) {
      const turn = await openTurn(request, options);
      counts[turn.kind === 'hit' ? 'hits' : 'misses'] += 1;
      return turn;
    },
    async close() {
      await Promise.all(Object.values(stores).map((store) => store.close()));
    },
  };

  async function openTurn(request: CacheRequest, { policy, controls, signal }: OpenOptions): Promise<CacheTurn> {
    const key = requestKey(request, { scope: policy.scope, namespace: controls.namespace });
    const store = stores[policy.store];
    if (store === undefined) return { kind: 'miss', key, keep: () => Promise.resolve(), leave: () => undefined };

    let land: ((answer: CachedAnswer | undefined) => void) | undefined;
    let vector: { readonly facet: string; readonly vector: Float32Array } | undefined;
    if (!controls.noCache) {
      // What may not be kept is not shared either.
      const shares = policy.singleFlight && !controls.noStore;
      // The seat is taken before the store is read: an answer that lands in between is never missed.
      for (;;) {
        const seat = shares ? flights.join(key) : undefined;
        if (seat?.leads === false) {
          const shared = await unlessAborted(seat.landed, signal);
          if (shared !== undefined && isYoung(shared, controls)) return { kind: 'hit', how: 'shared', key, answer: shared };
          continue;
        }
        land = seat?.land;
        const answer = await read(store, key, controls);
        if (answer === undefined) break;
        land?.(answer);
        return { kind: 'hit', how: 'exact', key, answer };
      }
      try {
        vector = await findVector();
        const near = vector === undefined ? undefined : index.find(vector.facet, vector.vector, policy.semantic?.threshold ?? 1);
        const answer = near === undefined ? undefined : await read(store, near.key, controls);
        if (near !== undefined && answer !== undefined) {
          land?.(undefined);
          return { kind: 'hit', how: 'semantic', key: near.key, answer, score: near.score };
        }
        signal.throwIfAborted();
      } catch (thrown) {
        land?.(undefined);
        throw thrown;
      }
    }

    return {
      kind: 'miss',
      key,
      leave: () => land?.(undefined),
      keep: async (answer) => {
        const bytes = Buffer.concat(answer.pieces.map((piece) => piece.bytes));
        if (bytes.length > policy.maxAnswerBytes || (!policy.tools && callsTools(bytes))) {
          land?.(undefined);
          return;
        }
        if (controls.noStore) return;
        const expiresMs = clock.nowMs() + (controls.ttlMs ?? policy.ttlMs);
        // Kept before it lands: who comes later finds it in the store.
        await safely('writing into the cache', () => store.set(key, encodeAnswer(answer), { tenant: request.tenant, expiresMs }));
        if (vector !== undefined) index.add(vector.facet, { key, vector: vector.vector, expiresMs });
        land?.(answer);
      },
    };

    async function findVector(): Promise<{ facet: string; vector: Float32Array } | undefined> {
      const { semantic } = policy;
      if (semantic === undefined) return undefined;
      const meaning = meaningKey(request, { scope: policy.scope, namespace: controls.namespace, embedding: semantic.embedder.name });
      if (meaning === undefined) return undefined;
      const found = await safely('embedding a question', () => semantic.embedder.embed(meaning.question, signal));
      return found === undefined ? undefined : { facet: meaning.facet, vector: found };
    }
  }
}

/** Waits, but not longer than the caller does. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
