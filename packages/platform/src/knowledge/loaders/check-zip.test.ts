import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkZip } from './check-zip.ts';

interface Member {
  readonly name: string;
  readonly content: Uint8Array;
  /** What the directory claims that the member unpacks to. */
  readonly declared?: number;
}

/** A ZIP archive written by hand, so that it may lie. */
function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, declared } of members) {
    const packed = deflateRawSync(content);
    const facts = Buffer.alloc(16);
    facts.writeUInt32LE(crc32(content), 4);
    facts.writeUInt32LE(packed.length, 8);
    facts.writeUInt32LE(declared ?? content.length, 12);
    const head = Buffer.concat([Buffer.from([20, 0, 0, 0, 8, 0]), facts, Buffer.from([name.length, 0, 0, 0])]);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 0]), head.subarray(0, 24), Buffer.from([0, 0]), tail, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

const check = (bytes: Uint8Array, maxUnpackedBytes = 5_000_000): Promise<readonly string[]> =>
  checkZip({ path: 'bomb.docx', bytes, maxUnpackedBytes, signal: new AbortController().signal });
const zeros = (megabytes: number): Uint8Array => new Uint8Array(megabytes * 1_000_000);

describe('checkZip', () => {
  it('names the files of an honest archive', async () => {
    expect(await check(zip([{ name: 'word/document.xml', content: Buffer.from('<xml/>') }]))).toEqual(['word/document.xml']);
  });

  it('refuses an archive that unpacks to more than the limit', async () => {
    await expect(check(zip([{ name: 'a.xml', content: zeros(6) }]))).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('bomb.docx'),
    });
  });

  it('refuses many files that together unpack to more than the limit', async () => {
    const members = Array.from({ length: 12 }, (_, index) => ({ name: `${index}.xml`, content: zeros(0.5) }));

    await expect(check(zip(members))).rejects.toMatchObject({ code: 'document_too_large' });
  });

  it('refuses an archive that is packed to less than a two-hundredth', async () => {
    await expect(check(zip([{ name: 'a.xml', content: zeros(12) }]), 1e9)).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('200 times'),
    });
  });

  it('refuses a file that unpacks to more than it declares', async () => {
    await expect(check(zip([{ name: 'a.xml', content: zeros(2), declared: 100 }]))).rejects.toMatchObject({ code: 'document_unreadable' });
  });

  it('refuses too many files', async () => {
    const members = Array.from({ length: 5001 }, (_, index) => ({ name: String(index), content: new Uint8Array(0) }));

    await expect(check(zip(members))).rejects.toMatchObject({ code: 'document_too_large', message: expect.stringContaining('5000 files') });
  });
});
