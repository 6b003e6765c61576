/**
 * One number per full block of bytes. Each hash covers everything before it too, so that equal hashes mean equal prefixes
 * (up to a chance of about 2^-53 per pair). Bytes of a last partial block have no hash. Another salt gives other hashes.
 */
export function blockHashes(bytes: Uint8Array, blockBytes: number, salt = ''): Float64Array {
  const count = Math.floor(bytes.length / blockBytes);
  const hashes = new Float64Array(count);
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let index = 0; index < salt.length; index += 1) {
    high = Math.imul(high ^ salt.charCodeAt(index), 2654435761);
    low = Math.imul(low ^ salt.charCodeAt(index), 1597334677);
  }
  let offset = 0;
  for (let block = 0; block < count; block += 1) {
    for (const end = offset + blockBytes; offset < end; offset += 1) {
      const byte = bytes[offset] ?? 0;
      high = Math.imul(high ^ byte, 2654435761);
      low = Math.imul(low ^ byte, 1597334677);
    }
    high ^= high >>> 15;
    low ^= low >>> 13;
    hashes[block] = (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
  }
  return hashes;
}
