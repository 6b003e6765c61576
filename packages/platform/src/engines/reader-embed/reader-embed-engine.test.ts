import { embeddingListSchema } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { createReaderEmbedEngine } from './reader-embed-engine.ts';

const engine = createReaderEmbedEngine({ model: 'reader-embed' });

async function embed(body: object): Promise<{ status: number; json: unknown }> {
  const reply = await engine.call({
    operation: 'embeddings',
    body: Buffer.from(JSON.stringify({ model: 'reader-embed', ...body })),
    stream: false,
    headers: {},
    signal: new AbortController().signal,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return { status: reply.status, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
}

describe('the reader-embed engine', () => {
  it('gives the same vector as floats and as base64', async () => {
    const floats = embeddingListSchema.parse((await embed({ input: 'GPU 노드' })).json);
    const base64 = embeddingListSchema.parse((await embed({ input: 'GPU 노드', encoding_format: 'base64' })).json);

    const bytes = Buffer.from(String(base64.data[0]?.embedding), 'base64');
    const decoded = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    expect(decoded).toHaveLength(512);
    expect(floats.data[0]?.embedding).toEqual(decoded);
  });

  it('honours dimensions and counts tokens once', async () => {
    const answer = embeddingListSchema.parse((await embed({ input: ['one', 'two words'], dimensions: 64 })).json);

    expect(answer.data.map((row) => row.embedding.length)).toEqual([64, 64]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 3, total_tokens: 3 });
  });

  it.each([
    ['token ids', { input: [1, 2, 3] }],
    ['no text', { input: [] }],
    ['no input', {}],
    ['too many dimensions', { input: 'x', dimensions: 100_000 }],
    ['too many texts', { input: Array.from({ length: 3000 }, () => 'x') }],
  ])('refuses %s with status 400 and a reason', async (_name, body) => {
    const reply = await embed(body);

    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { message: expect.stringMatching(/\S/), type: 'invalid_request_error' } });
  });
});
