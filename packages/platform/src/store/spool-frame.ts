import { crc32 } from 'node:zlib';

/** Length (4 bytes, little endian) and CRC-32 (4 bytes) before each record. */
export const FRAME_HEADER_BYTES = 8;

/** One record with its header; the checksum covers the length too, so that a flipped length is noticed. */
export function encodeFrame(record: Uint8Array | string): Buffer {
  const length = typeof record === 'string' ? Buffer.byteLength(record) : record.byteLength;
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  if (typeof record === 'string') frame.write(record, FRAME_HEADER_BYTES);
  else frame.set(record, FRAME_HEADER_BYTES);
  frame.writeUInt32LE(checksum(frame, 0, length), 4);
  return frame;
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
  const ofLength = crc32(bytes.subarray(offset, offset + 4));
  return crc32(bytes.subarray(offset + FRAME_HEADER_BYTES, offset + FRAME_HEADER_BYTES + length), ofLength);
}
