import type { Clock } from '#time';
import type { AnswerStore } from './answer-store.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Most bytes of answers and keys together. */
  readonly maxBytes: number;
}

/** Reads without a promise. */
export interface MemoryStore extends AnswerStore {
  readonly usedBytes: number;
  get(key: string): Buffer | undefined;
  set(key: string, bytes: Buffer, options: { readonly tenant: string; readonly expiresMs: number }): void;
}

interface Entry {
  readonly bytes: Buffer;
  readonly expiresMs: number;
}

/** What an entry costs besides its bytes, roughly: key, map slot, objects. */
const OVERHEAD_BYTES = 300;

/** Answers in this process. What was used longest ago goes first when there is no room. */
export function createMemoryStore({ clock, maxBytes }: MemoryStoreOptions): MemoryStore {
  // A Map keeps the order of insertion: the first entry is the one that was used longest ago.
  const entries = new Map<string, Entry>();
  let used = 0;
  const drop = (key: string, entry: Entry): void => {
    entries.delete(key);
    used -= entry.bytes.length + OVERHEAD_BYTES;
  };
  return {
    get usedBytes() {
      return used;
    },
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expiresMs <= clock.nowMs()) {
        drop(key, entry);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry.bytes;
    },
    set(key, bytes, { expiresMs }) {
      const before = entries.get(key);
      if (before !== undefined) drop(key, before);
      if (bytes.length + OVERHEAD_BYTES > maxBytes) return;
      // A copy: a slice would keep the whole buffer alive that it was cut from.
      entries.set(key, { bytes: Buffer.from(bytes), expiresMs });
      used += bytes.length + OVERHEAD_BYTES;
      for (const [oldest, entry] of entries) {
        if (used <= maxBytes) break;
        drop(oldest, entry);
      }
    },
    close: () => {
      entries.clear();
      used = 0;
      return Promise.resolve();
    },
  };
}
