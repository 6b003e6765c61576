import { parseJson } from '#http';

const FIELD = 'kv_transfer_params';
/** Fields of a request that its prefill does not have. */
const OF_ANSWERS: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens', 'min_tokens', 'stream', 'stream_options', FIELD]);

/** Asks an engine to compute the prompt and to keep its keys and values. */
const KEEP = Object.freeze({
  do_remote_decode: true,
  do_remote_prefill: false,
  remote_engine_id: null,
  remote_block_ids: null,
  remote_host: null,
  remote_port: null,
});

/** The bytes without transfer parameters of the client, which could name the blocks of somebody else. Throws `invalid_json`. */
export function withoutTransfer(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.includes(FIELD)) return body;
  const value = parseJson(bytes) as Record<string, unknown>;
  if (!Object.hasOwn(value, FIELD)) return body;
  const { [FIELD]: _theirs, ...kept } = value;
  return Buffer.from(JSON.stringify(kept));
}

/** The request that computes the prompt alone; undefined where several answers are wanted, which share no transfer. Throws `invalid_json`. */
export function prefillBody(body: Uint8Array): Uint8Array | undefined {
  const value = parseJson(body) as Record<string, unknown>;
  if (typeof value['n'] === 'number' && value['n'] > 1) return undefined;
  const kept = Object.entries(value).filter(([name]) => !OF_ANSWERS.has(name));
  const limit = Object.hasOwn(value, 'messages') ? { max_tokens: 1, max_completion_tokens: 1 } : { max_tokens: 1 };
  return Buffer.from(JSON.stringify({ ...Object.fromEntries(kept), ...limit, stream: false, [FIELD]: KEEP }));
}

/** The same request with the place of its keys and values. The body has no transfer parameters yet, and is not parsed. */
export function decodeBody(body: Uint8Array, params: object): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const start = bytes.indexOf('{') + 1;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(`"${FIELD}":${JSON.stringify(params)},`), bytes.subarray(start)]);
}
