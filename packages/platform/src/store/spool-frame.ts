import { crc32 } from 'node:zlib';

/** Length (4 bytes, little endian) and CRC-32 (4 bytes) before each record. */
export const FRAME_HEADER_BYTES = 8;

/** The most bytes that a record takes with its header, told without reading it where it is short. */
export function frameBytesAtMost(record: Uint8Array | string): number {
  if (typeof record !== 'string') return FRAME_HEADER_BYTES + record.byteLength;
  return FRAME_HEADER_BYTES + (record.length < SHORT_TEXT ? record.length * 3 : Buffer.byteLength(record));
}

const SHORT_TEXT = 16_384;

/** Writes a record with its header into `bytes`, which must have room for it; the checksum covers the length too, so that a flipped length is noticed. Returns its end. */
export function encodeFrame(bytes: Buffer, offset: number, record: Uint8Array | string): number {
  const from = offset + FRAME_HEADER_BYTES;
  let length: number;
  if (typeof record === 'string') length = bytes.write(record, from);
  else {
    length = record.byteLength;
    bytes.set(record, from);
  }
  bytes.writeUInt32LE(length, offset);
  bytes.writeUInt32LE(checksum(bytes, offset, length), offset + 4);
  return from + length;
}

/** What lies at an offset: a whole record, too few bytes to tell, or something that no writer has written. */
export type FrameAt =
  | { readonly kind: 'record'; readonly record: Uint8Array; readonly end: number }
  | { readonly kind: 'short' }
  | { readonly kind: 'corrupt' };

export function decodeFrame(bytes: Buffer, offset: number, maxRecordBytes: number): FrameAt {
  if (bytes.length - offset < FRAME_HEADER_BYTES) return { kind: 'short' };
  const length = bytes.readUInt32LE(offset);
  if (length > maxRecordBytes) return { kind: 'corrupt' };
  const end = offset + FRAME_HEADER_BYTES + length;
  if (end > bytes.length) return { kind: 'short' };
  if (bytes.readUInt32LE(offset + 4) !== checksum(bytes, offset, length)) return { kind: 'corrupt' };
  return { kind: 'record', record: bytes.subarray(offset + FRAME_HEADER_BYTES, end), end };
}

function checksum(bytes: Buffer, offset: number, length: number): number {
  lengthBytes.writeUInt32LE(length);
  return crc32(bytes.subarray(offset + FRAME_HEADER_BYTES, offset + FRAME_HEADER_BYTES + length), crc32(lengthBytes));
}

const lengthBytes = Buffer.alloc(4);
