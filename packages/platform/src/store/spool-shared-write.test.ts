import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { type OpenSpoolOptions, openSpool, type Spool } from './spool.ts';

interface Text {
  readonly text: string;
}

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'maru-spool-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const open = (options: Partial<OpenSpoolOptions> = {}): Spool<Text> => openSpool<Text>({ path, log: silentLog, ...options });

async function drainAll(spool: Spool<Text>): Promise<string[]> {
  const texts: string[] = [];
  while (
    (await spool.drain(async (records) => {
      for (const record of records) texts.push(record instanceof Uint8Array ? Buffer.from(record).toString() : record.text);
    }, 100)) > 0
  );
  return texts;
}

/** What was told of each record, in the order of the telling. */
function outcomes(): { readonly told: (readonly [string, string | undefined])[]; append(spool: Spool<Text>, text: string): void } {
  const told: (readonly [string, string | undefined])[] = [];
  return { told, append: (spool, text) => spool.appendSoon(text, { value: { text }, done: (error) => told.push([text, error?.code]) }) };
}

describe('a shared write', () => {
  it('takes all records of a turn at once, tells each of them, and gives them back in order', async () => {
    let writes = 0;
    const spool = open({
      write(file, bytes, offset) {
        writes += 1;
        return writeSync(file, bytes, offset);
      },
    });
    const { told, append } = outcomes();
    for (const text of ['a', '', '한국어']) append(spool, text);
    expect([writes, told.length, spool.backlogBytes()]).toEqual([0, 0, 0]);

    await nextTurn();

    expect(told).toEqual([
      ['a', undefined],
      ['', undefined],
      ['한국어', undefined],
    ]);
    expect(writes).toBe(1);
    expect(await drainAll(open())).toEqual(['a', '', '한국어']);
    expect(await drainAll(spool)).toEqual(['a', '', '한국어']);
    await spool.close();
  });

  it('does not wait for the end of the turn before a record that may not wait, a drain or a close', async () => {
    const spool = open();
    const { told, append } = outcomes();
    append(spool, 'first');
    spool.append('second', { text: 'second' });
    expect(told).toEqual([['first', undefined]]);

    append(spool, 'third');
    expect(await drainAll(spool)).toEqual(['first', 'second', 'third']);

    append(spool, 'fourth');
    await spool.close();
    expect(told.map(([text]) => text)).toEqual(['first', 'third', 'fourth']);
    expect(await drainAll(open())).toEqual(['fourth']);
  });

  it('does not gather more than a bound', () => {
    const spool = open();
    const { told, append } = outcomes();
    for (let index = 0; index < 20; index += 1) append(spool, 'x'.repeat(100_000));

    expect(told.length).toBeGreaterThan(9);
    expect(spool.backlogBytes()).toBeGreaterThan(1_000_000);
  });

  it('leaves out a record that is too large, or that comes too late, and says so', async () => {
    const spool = open({ maxRecordBytes: 100 });
    const { told, append } = outcomes();
    append(spool, 'small');
    append(spool, 'x'.repeat(93));
    append(spool, '한'.repeat(31));
    append(spool, 'y'.repeat(92));
    expect(await drainAll(spool)).toEqual(['small', 'y'.repeat(92)]);
    await spool.close();
    append(spool, 'late');

    expect(told.map(([, code]) => code)).toEqual(['body_too_large', 'body_too_large', undefined, undefined, 'shutting_down']);
  });

  it('begins a new segment where it does not fit into the old one', async () => {
    const spool = open({ maxSegmentBytes: 60 });
    const { append } = outcomes();
    for (let turn = 0; turn < 4; turn += 1) {
      for (let index = 0; index < 3; index += 1) append(spool, `${turn}-${index}`);
      await nextTurn();
    }

    expect(readdirSync(path).filter((name) => name.endsWith('.seg'))).toHaveLength(4);
    expect(await drainAll(spool)).toEqual([0, 1, 2, 3].flatMap((turn) => [`${turn}-0`, `${turn}-1`, `${turn}-2`]));
    await spool.close();
  });

  it('lets those who are told append again', async () => {
    const spool = open();
    const errors: (PlatformError | undefined)[] = [];
    spool.appendSoon('one', {
      done() {
        spool.append('two');
        spool.appendSoon('three', { done: (error) => errors.push(error) });
      },
    });

    expect(await drainAll(spool)).toEqual(['one', 'two', 'three']);
    expect(errors).toEqual([undefined]);
    await spool.close();
  });
});

describe('a shared write that fails', () => {
  /** A disk that takes `budget.bytes` more bytes, in pieces, and then answers as a full one does. */
  const fullDisk =
    (budget: { bytes: number }) =>
    (file: number, bytes: Uint8Array, offset: number): number => {
      const count = Math.min(7, budget.bytes, bytes.length - offset);
      if (count === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      budget.bytes -= count;
      return writeSync(file, bytes, offset, count);
    };

  it('keeps exactly the records that were told to be safe, wherever the disk was full', async () => {
    const turns = fc.array(fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(turns, fc.nat(400), async (all, bytes) => {
        const folder = mkdtempSync(join(path, 'full-'));
        const budget = { bytes };
        const spool = openSpool<Text>({ path: folder, log: silentLog, write: fullDisk(budget) });
        const { told, append } = outcomes();
        for (const texts of all) {
          for (const text of texts) append(spool, text);
          await nextTurn();
        }
        budget.bytes = 1000;
        append(spool, 'space again');
        await nextTurn();

        const safe = told.filter(([, code]) => code === undefined).map(([text]) => text);
        expect(told.map(([text]) => text)).toEqual([...all.flat(), 'space again']);
        expect(told.every(([, code]) => code === undefined || code === 'storage_full')).toBe(true);
        expect(safe.at(-1)).toBe('space again');
        expect(await drainAll(openSpool({ path: folder, log: silentLog }))).toEqual(safe);
        expect(await drainAll(spool)).toEqual(safe);
        await spool.close();
      }),
      { numRuns: 50 },
    );
  });

  it('leaves whole records in front when it was torn anywhere by the death of the machine', async () => {
    const texts = ['alpha', '', 'a longer record '.repeat(4), 'last'];
    for (let cut = 0; ; cut += 1) {
      const folder = mkdtempSync(join(path, 'torn-'));
      const spool = openSpool<Text>({ path: folder, log: silentLog });
      const { append } = outcomes();
      for (const text of texts) append(spool, text);
      await spool.close();
      const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.seg')) ?? '');
      const { size } = statSync(file);
      if (cut > size) break;
      truncateSync(file, cut);

      const left = await drainAll(openSpool({ path: folder, log: silentLog }));

      expect(left).toEqual(texts.slice(0, left.length));
      expect(left.length === texts.length).toBe(cut === size);
    }
  });
});
