const FIELD = '"cached_tokens"';
const COUNT = /("cached_tokens"\s*:\s*)\d+/g;

/**
 * The bytes of an answer with another count of cached tokens. A decode engine counts as cached what another engine has just computed for
 * it; what the prefill engine found is the truth. In a JSON string the field can not stand like this, because its quotes are escaped.
 */
export async function* withCachedTokens(body: AsyncIterable<Uint8Array>, tokens: number): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    held = held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([held, chunk]);
    // Events end with a line, so only a part of one is held back, or an answer that is one object.
    const end = held.lastIndexOf('\n') + 1;
    if (end > 0) yield replaced(held.subarray(0, end), tokens);
    held = held.subarray(end);
  }
  if (held.length > 0) yield replaced(held, tokens);
}

const replaced = (bytes: Buffer, tokens: number): Buffer =>
  bytes.includes(FIELD) ? Buffer.from(bytes.toString('utf8').replace(COUNT, (_all, name: string) => `${name}${tokens}`)) : bytes;
