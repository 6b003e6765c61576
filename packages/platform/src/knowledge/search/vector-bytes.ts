/** A vector as the database keeps it: little-endian 32 bit floats. */
export function toVectorBytes(vector: Float32Array): Uint8Array {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** The vector is a copy: bytes out of a driver may stand at any offset of its buffer. */
export function fromVectorBytes(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer, 0, Math.floor(bytes.byteLength / 4));
}
