import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideSecrets, secretsOf } from './hide-secrets.ts';

async function* chunks(...parts: (string | Buffer)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield Buffer.from(part);
}
async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
const headers = { authorization: 'Bearer sk-live-0123456789', 'x-api-key': 'key-abcdef', 'anthropic-version': '2023-06-01', 'x-auth-scheme': 'raw' };

describe('secrets of a request', () => {
  it('are the words of headers that carry keys, not names of schemes or versions', () => {
    expect(secretsOf(headers)).toEqual(['sk-live-0123456789', 'key-abcdef', 'Bearer']);
  });

  it('do not come back in an error, wherever the chunks are cut', async () => {
    const text = '{"error":{"message":"Incorrect API key provided: sk-live-0123456789 (key-abcdef)"}}';
    for (let cut = 0; cut <= text.length; cut += 1) {
      const reply = { status: 400, headers: { 'content-length': '80', 'content-type': 'application/json' }, body: chunks(text.slice(0, cut), text.slice(cut)) };
      const hidden = hideSecrets(reply, secretsOf(headers));

      expect((await read(hidden.body)).toString()).toBe('{"error":{"message":"Incorrect API key provided: [removed] ([removed])"}}');
      expect(hidden.headers).toEqual({ 'content-type': 'application/json' });
    }
  });

  it('leave every other byte of an error as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const body = chunks(Buffer.from(bytes));
        expect(await read(hideSecrets({ status: 500, headers: {}, body }, ['sk-live-0123456789']).body)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('are not looked for in answers', () => {
    const reply = { status: 200, headers: {}, body: chunks('x') };
    expect(hideSecrets(reply, ['sk-live-0123456789'])).toBe(reply);
  });
});
