/** Bytes of an id in OTLP. */
export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/**
 * The id as lower-case hex; undefined when it is missing, all zero or of the wrong length.
 * OTLP/JSON wants hex, but plain protobuf-to-JSON converters write base64; their lengths never coincide.
 */
export function toHexId(id: unknown, bytes: number): string | undefined {
  const hex = typeof id === 'string' ? fromText(id, bytes) : id instanceof Uint8Array ? Buffer.from(id).toString('hex') : undefined;
  return hex === undefined || hex.length !== bytes * 2 || /^0+$/.test(hex) ? undefined : hex;
}

function fromText(id: string, bytes: number): string | undefined {
  if (id.length === bytes * 2) return /^[0-9a-fA-F]+$/.test(id) ? id.toLowerCase() : undefined;
  const bare = id.replace(/=+$/, '');
  if (bare.length !== Math.ceil((bytes * 4) / 3) || !/^[A-Za-z0-9+/_-]+$/.test(bare)) return undefined;
  return Buffer.from(bare, 'base64').toString('hex');
}
