import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { HeldBytes } from './held-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-held-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

async function readAll(held: HeldBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of held.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('bytes that wait', () => {
  it('come back in order, twice, in memory and from the disk, and leave no file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(400_000), fc.nat(255)), { maxLength: 8 }), async (sizes) => {
        count += 1;
        const held = new HeldBytes(folder, `f${count}`);
        const chunks = sizes.map(([size, byte]) => Buffer.alloc(size, byte));
        for (const chunk of chunks) await held.append(chunk);

        const first = await readAll(held);
        const second = await readAll(held);
        await held.close();

        expect(first.equals(Buffer.concat(chunks))).toBe(true);
        expect(second.equals(first)).toBe(true);
        expect(readdirSync(folder)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('are gone when they are closed', async () => {
    const held = new HeldBytes(folder, 'gone');
    await held.append(Buffer.alloc(2_000_000));
    await held.close();

    expect(await readAll(held)).toHaveLength(0);
  });
});
