import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#telemetry';
import { createFakeClock } from '#time';
import { type OpenSpoolOptions, openSpool, type Spool } from './spool.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'maru-spool-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const open = (options: Partial<OpenSpoolOptions> = {}): Spool => openSpool({ path, log: silentLog, ...options });

function collectLog(): { log: Log; errors: object[] } {
  const errors: object[] = [];
  const log: Log = { ...silentLog, error: (fields) => void errors.push(fields) };
  return { log, errors };
}

async function drainAll(spool: Spool, max = 100): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const count = await spool.drain(async (records) => {
      for (const record of records) texts.push(Buffer.from(record).toString());
    }, max);
    if (count === 0) return texts;
  }
}

const segments = (): string[] => readdirSync(path).filter((name) => name.endsWith('.seg'));

describe('spool', () => {
  it('gives records back in their order, once, in batches of at most max', async () => {
    const spool = open();
    for (const text of ['a', '', 'c', 'd', '한국어']) spool.append(text);
    const sizes: number[] = [];

    const texts: string[] = [];
    while (
      (await spool.drain(async (records) => {
        sizes.push(records.length);
        texts.push(...records.map((record) => Buffer.from(record).toString()));
      }, 2)) > 0
    );

    expect(texts).toEqual(['a', '', 'c', 'd', '한국어']);
    expect(sizes).toEqual([2, 2, 1]);
    expect(spool.backlogBytes()).toBe(0);
    await spool.close();
  });

  it('keeps what was appended when the process never closed it', async () => {
    open().append('kept');

    expect(await drainAll(open())).toEqual(['kept']);
  });

  it('gives the same records again when the handler failed', async () => {
    const spool = open();
    spool.append('one');
    spool.append('two');

    const failed = spool.drain(() => Promise.reject(new Error('database down')), 10);

    await expect(failed).rejects.toThrow('database down');
    expect(await drainAll(spool)).toEqual(['one', 'two']);
  });

  it('goes on behind the last batch after a restart', async () => {
    const first = open();
    for (const text of ['1', '2', '3']) first.append(text);
    await first.drain(async () => undefined, 2);
    await first.close();

    expect(await drainAll(open())).toEqual(['3']);
  });

  it('deletes segments that are drained', async () => {
    const spool = open({ maxSegmentBytes: 64 });
    const texts = Array.from({ length: 50 }, (_, index) => `record number ${index}`);
    for (const text of texts) spool.append(text);
    expect(segments().length).toBeGreaterThan(10);

    expect(await drainAll(spool, 7)).toEqual(texts);
    await spool.close();

    expect(segments()).toHaveLength(1);
  });

  it('takes appends while a batch is handled', async () => {
    const spool = open({ maxSegmentBytes: 40 });
    spool.append('before');
    const seen: string[] = [];

    await spool.drain(async (records) => {
      seen.push(...records.map((record) => Buffer.from(record).toString()));
      for (let index = 0; index < 10; index += 1) spool.append(`during ${index}`);
    }, 10);
    seen.push(...(await drainAll(spool)));

    expect(seen).toEqual(['before', ...Array.from({ length: 10 }, (_, index) => `during ${index}`)]);
  });

  it('lets drains follow one another instead of handling a record twice', async () => {
    const spool = open();
    for (let index = 0; index < 10; index += 1) spool.append(`${index}`);
    const seen: string[] = [];
    const handler = async (records: readonly Uint8Array[]): Promise<void> => {
      await Promise.resolve();
      seen.push(...records.map((record) => Buffer.from(record).toString()));
    };

    await Promise.all([spool.drain(handler, 4), spool.drain(handler, 4), spool.drain(handler, 4)]);

    expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('waits for the running batch when it is closed, and refuses appends after that', async () => {
    const spool = open();
    spool.append('x');
    let finished = false;
    const draining = spool.drain(async () => {
      await Promise.resolve();
      finished = true;
    }, 1);

    await spool.close();

    expect(finished).toBe(true);
    await draining;
    expect(() => spool.append('y')).toThrow(expect.objectContaining({ code: 'shutting_down' }));
    await spool.close();
  });

  it('refuses a record over the limit and keeps the others', async () => {
    const spool = open({ maxRecordBytes: 100 });
    spool.append('small');

    expect(() => spool.append('x'.repeat(101))).toThrow(expect.objectContaining({ code: 'body_too_large' }));

    expect(await drainAll(spool)).toEqual(['small']);
  });

  it('forces data to the disk on the clock when asked to', async () => {
    const clock = createFakeClock();
    const spool = open({ fsync: { clock, everyMs: 1000 } });
    spool.append('x');
    spool.append('y');

    expect(clock.pending()).toBe(1);
    await clock.advance(1000);
    expect(clock.pending()).toBe(0);
    spool.append('z');
    expect(clock.pending()).toBe(1);
    await spool.close();
    expect(clock.pending()).toBe(0);
  });
});

describe('spool on a full disk', () => {
  /** A disk that takes `budget.bytes` more bytes, in pieces, and then answers as a full one does. */
  const fullDisk =
    (budget: { bytes: number }) =>
    (file: number, bytes: Uint8Array, offset: number): number => {
      const count = Math.min(5, budget.bytes, bytes.length - offset);
      if (count === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      budget.bytes -= count;
      return writeSync(file, bytes, offset, count);
    };

  it('throws storage_full, keeps nothing of that record, and goes on when there is space again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 10 }), fc.nat(200), async (texts, bytes) => {
        const folder = mkdtempSync(join(path, 'full-'));
        const budget = { bytes };
        const spool = openSpool({ path: folder, log: silentLog, write: fullDisk(budget) });
        const kept: string[] = [];
        for (const text of texts) {
          try {
            spool.append(text);
            kept.push(text);
          } catch (error) {
            expect(isPlatformError(error, 'storage_full')).toBe(true);
          }
        }
        budget.bytes = 1000;
        spool.append('space again');

        expect(await drainAll(openSpool({ path: folder, log: silentLog }))).toEqual([...kept, 'space again']);
        await spool.close();
      }),
      { numRuns: 50 },
    );
  });
});

describe('spool with damage on disk', () => {
  const texts = ['alpha', 'beta', '', 'a longer record '.repeat(5), 'last'];
  const writeSpool = async (folder: string): Promise<string> => {
    const spool = openSpool({ path: folder, log: silentLog });
    for (const text of texts) spool.append(text);
    await spool.close();
    return join(folder, readdirSync(folder).find((name) => name.endsWith('.seg')) ?? '');
  };

  it('yields a prefix of the records when the file was cut anywhere', async () => {
    const size = statSync(await writeSpool(mkdtempSync(join(path, 'size-')))).size;
    for (let length = 0; length <= size; length += 1) {
      const folder = mkdtempSync(join(path, 'cut-'));
      truncateSync(await writeSpool(folder), length);

      const found = await drainAll(openSpool({ path: folder, log: silentLog }));

      expect(found).toEqual(texts.slice(0, found.length));
      if (length === size) expect(found).toEqual(texts);
    }
  });

  it('yields a prefix of the records, never garbage, when any bits were flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (position, mask) => {
        const folder = mkdtempSync(join(path, 'flip-'));
        const file = await writeSpool(folder);
        const bytes = readFileSync(file);
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        writeFileSync(file, bytes);

        const found = await drainAll(openSpool({ path: folder, log: silentLog }));

        expect(found.length).toBeLessThan(texts.length);
        expect(found).toEqual(texts.slice(0, found.length));
      }),
      { numRuns: 150 },
    );
  });

  it('reports the cut once, keeps the good records and appends behind them', async () => {
    const file = await writeSpool(path);
    appendFileSync(file, Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
    const first = collectLog();

    const spool = open({ log: first.log });
    spool.append('after');
    await spool.close();

    expect(first.errors).toEqual([expect.objectContaining({ path: file, cutBytes: 9 })]);
    const second = collectLog();
    expect(await drainAll(open({ log: second.log }))).toEqual([...texts, 'after']);
    expect(second.errors).toEqual([]);
  });

  it('cuts a tail of zeros, as some file systems leave after a power cut', async () => {
    const file = await writeSpool(path);
    appendFileSync(file, Buffer.alloc(4096));

    expect(await drainAll(open())).toEqual(texts);
  });

  it('goes on with the next segment when one is damaged', async () => {
    const spool = open({ maxSegmentBytes: 20 });
    for (const text of ['segment 1', 'segment 2', 'segment 3']) spool.append(text);
    await spool.close();
    const damaged = join(path, segments()[1] ?? '');
    truncateSync(damaged, 10);

    expect(await drainAll(open())).toEqual(['segment 1', 'segment 3']);
  });

  it('keeps taking records when a segment goes bad while it is open', async () => {
    const { log, errors } = collectLog();
    const spool = open({ log });
    spool.append('good');
    spool.append('bad');
    const file = join(path, segments()[0] ?? '');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = 0;
    writeFileSync(file, bytes);
    spool.append('lost behind it');

    expect(await drainAll(spool)).toEqual(['good']);
    spool.append('new');

    expect(await drainAll(spool)).toEqual(['new']);
    expect(errors).toHaveLength(1);
  });

  it('handles everything again when the cursor is corrupt', async () => {
    const spool = open();
    spool.append('one');
    spool.append('two');
    await spool.drain(async () => undefined, 1);
    await spool.close();
    writeFileSync(join(path, 'cursor'), '1 99999 12345\n');
    const { log, errors } = collectLog();

    expect(await drainAll(open({ log }))).toEqual(['one', 'two']);
    expect(errors).toHaveLength(1);
  });

  it('says which folder it can not open', () => {
    writeFileSync(join(path, 'file'), '');

    expect(() => openSpool({ path: join(path, 'file', 'spool'), log: silentLog })).toThrow(expect.objectContaining({ code: 'storage_failed' }));
  });
});

describe('values of a spool', () => {
  interface Value {
    readonly number: number;
  }
  const openValues = (options: Partial<OpenSpoolOptions> = {}): Spool<Value> => openSpool<Value>({ path, log: silentLog, ...options });
  const append = (spool: Spool<Value>, number: number, withValue = true): void => spool.append(String(number), withValue ? { number } : undefined);
  async function drainNumbers(spool: Spool<Value>, max = 100): Promise<{ numbers: number[]; held: number }> {
    const numbers: number[] = [];
    let held = 0;
    for (;;) {
      const count = await spool.drain(async (records) => {
        for (const record of records) {
          if (!(record instanceof Uint8Array)) held += 1;
          numbers.push(record instanceof Uint8Array ? Number(Buffer.from(record).toString()) : record.number);
        }
      }, max);
      if (count === 0) return { numbers, held };
    }
  }

  it('come back in place of the bytes', async () => {
    const spool = openValues();
    for (const number of [1, 2, 3]) append(spool, number);

    expect(await drainNumbers(spool, 2)).toEqual({ numbers: [1, 2, 3], held: 3 });
    expect(spool.backlogBytes()).toBe(0);
  });

  it('are read from the disk by the next process', async () => {
    const first = openValues();
    append(first, 1);
    append(first, 2);
    await first.drain(async () => undefined, 1);

    const next = openValues();
    append(next, 3);

    expect(await drainNumbers(next)).toEqual({ numbers: [2, 3], held: 1 });
  });

  it('come again after the handler has failed', async () => {
    const spool = openValues();
    append(spool, 1);

    await expect(spool.drain(() => Promise.reject(new Error('database down')), 10)).rejects.toThrow('database down');

    expect(await drainNumbers(spool)).toEqual({ numbers: [1], held: 1 });
  });

  it('keep their order with records without one, over segments, whatever is drained between', async () => {
    const step = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 5 }), withValue: fc.boolean() }),
      fc.record({ drain: fc.integer({ min: 1, max: 4 }) }),
      fc.constant({ restart: true as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const folder = mkdtempSync(join(path, 'run-'));
        let spool = openValues({ path: folder, maxSegmentBytes: 64 });
        const expected: number[] = [];
        const got: number[] = [];
        const take = async (records: readonly (Uint8Array | Value)[]): Promise<void> => {
          for (const record of records) got.push(record instanceof Uint8Array ? Number(Buffer.from(record).toString()) : record.number);
        };
        for (const each of steps) {
          if ('count' in each)
            for (let index = 0; index < each.count; index += 1) {
              append(spool, expected.length, each.withValue);
              expected.push(expected.length);
            }
          else if ('drain' in each) await spool.drain(take, each.drain);
          else {
            await spool.close();
            spool = openValues({ path: folder, maxSegmentBytes: 64 });
          }
        }
        while ((await spool.drain(take, 3)) > 0);

        expect(got).toEqual(expected);
        expect(spool.backlogBytes()).toBe(0);
        await spool.close();
      }),
      { numRuns: 60 },
    );
  });

  it('are forgotten beyond a bound, and read from the disk then', async () => {
    const spool = openSpool<Value>({ path, log: silentLog });
    const long = 'x'.repeat(1024 * 1024);
    for (let number = 0; number < 6; number += 1) spool.append(long, { number });

    let held = 0;
    let bytes = 0;
    while (
      (await spool.drain(async (records) => {
        for (const record of records)
          if (record instanceof Uint8Array) bytes += 1;
          else held += 1;
      }, 100)) > 0
    );

    expect({ held, bytes }).toEqual({ held: 3, bytes: 3 });
  });
});
