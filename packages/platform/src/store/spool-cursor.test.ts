import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CursorFile, readCursor } from './spool-cursor.ts';

describe('the cursor of a spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maru-cursor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (...cursors: { segment: number; offset: number }[]): void => {
    const stored = readCursor(folder);
    const file = new CursorFile(folder, typeof stored === 'string' ? 0 : stored.turn);
    for (const cursor of cursors) file.write(cursor);
    file.close();
  };
  const read = () => {
    const stored = readCursor(folder);
    return typeof stored === 'string' ? stored : stored.cursor;
  };

  it('is absent before the first write', () => {
    expect(read()).toBe('absent');
  });

  it('is the last one that was written, over any number of openings', () => {
    const cursor = fc.record({ segment: fc.nat(1_000_000), offset: fc.nat(2 ** 31 - 1) });
    fc.assert(
      fc.property(fc.array(fc.array(cursor, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }), (openings) => {
        for (const cursors of openings) write(...cursors);
        expect(read()).toEqual(openings.at(-1)?.at(-1));
      }),
      { numRuns: 50 },
    );
  });

  it('is the one before when the last write was cut at any byte', () => {
    write({ segment: 1, offset: 10 }, { segment: 1, offset: 20 });
    const before = readFileSync(join(folder, 'cursor'));
    write({ segment: 2, offset: 30 });
    const after = readFileSync(join(folder, 'cursor'));
    for (let cut = 0; cut <= 128; cut += 1) {
      writeFileSync(join(folder, 'cursor'), Buffer.concat([after.subarray(0, cut), before.subarray(cut)]));
      expect([20, 30]).toContain((read() as { offset: number }).offset);
    }
    writeFileSync(join(folder, 'cursor'), Buffer.concat([before.subarray(0, 70), after.subarray(70, 80), before.subarray(80)]));
    expect(read()).toEqual({ segment: 1, offset: 20 });
  });

  it('is corrupt when neither place is whole', () => {
    writeFileSync(join(folder, 'cursor'), '1 99999 12345\n');
    expect(read()).toBe('corrupt');
  });
});
