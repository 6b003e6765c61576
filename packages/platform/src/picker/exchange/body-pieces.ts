/** Most bytes of a body in one message, as the reference picker sends them; Envoy's own limit of a piece is 64 KiB. */
const MAX_PIECE_BYTES = 62_000;

/** Cuts a body into pieces that one message may carry; an empty body is one empty piece. */
export function* bodyPieces(body: Uint8Array): Generator<Uint8Array> {
  yield body.subarray(0, MAX_PIECE_BYTES);
  for (let at = MAX_PIECE_BYTES; at < body.length; at += MAX_PIECE_BYTES) yield body.subarray(at, at + MAX_PIECE_BYTES);
}
