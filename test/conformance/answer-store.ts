import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerStore } from '../../packages/platform/src/cache/index.ts';

interface OpenedAnswerStore {
  readonly store: AnswerStore;
  nowMs(): number;
  /** Lets time pass, as far as this store is concerned. */
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

const BYTES = Buffer.from([0, 1, 255, 10, 13, 0xeb, 0x82, 0x98]);

/** What every store of answers must do. */
export function describeAnswerStore(name: string, open: () => Promise<OpenedAnswerStore>): void {
  describe(`answer store: ${name}`, () => {
    let opened: OpenedAnswerStore;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const keep = async (key: string, bytes: Buffer, ttlMs = 60_000): Promise<void> =>
      opened.store.set(key, bytes, { tenant: 't', expiresMs: opened.nowMs() + ttlMs });

    it('gives back every byte as it was', async () => {
      const all = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
      await keep('odd', BYTES);
      await keep('empty', Buffer.alloc(0));
      await keep('large', all);

      expect(await opened.store.get('odd')).toEqual(BYTES);
      expect(await opened.store.get('empty')).toEqual(Buffer.alloc(0));
      expect((await opened.store.get('large'))?.equals(all)).toBe(true);
    });

    it('knows nothing under another key', async () => {
      await keep('a', BYTES);

      for (const key of ['b', 'A', 'a ', '', 'a\n', 'a*']) expect(await opened.store.get(key)).toBeUndefined();
    });

    it('keeps the answer that came last', async () => {
      await keep('a', BYTES);
      await keep('a', Buffer.from('second'));

      expect((await opened.store.get('a'))?.toString()).toBe('second');
    });

    it('never gives an answer after its time', async () => {
      await keep('late', BYTES, -1);
      await keep('now', BYTES, 0);
      await keep('soon', BYTES, 50);
      await keep('long', BYTES, 600_000);

      await opened.passTime(51);

      for (const key of ['late', 'now', 'soon']) expect(await opened.store.get(key)).toBeUndefined();
      expect(await opened.store.get('long')).toEqual(BYTES);
    });

    it('lets the time of an answer begin anew when it is kept again', async () => {
      await keep('a', BYTES, 50);
      await keep('a', BYTES, 600_000);

      await opened.passTime(51);

      expect(await opened.store.get('a')).toEqual(BYTES);
    });

    it('holds many answers apart', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, index) => keep(`k${index}`, Buffer.from(`v${index}`))));

      const found = await Promise.all(Array.from({ length: 100 }, (_, index) => opened.store.get(`k${index}`)));

      expect(found.map(String)).toEqual(Array.from({ length: 100 }, (_, index) => `v${index}`));
    });
  });
}
