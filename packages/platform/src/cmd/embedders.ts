import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Gateway } from '#gateway';
import type { FindEmbedder } from '#knowledge';
import type { Registry } from '#resources';
import type { EnginePool } from './engine-pool.ts';

const replySchema = z.looseObject({ data: z.array(z.looseObject({ index: z.number().int(), embedding: z.array(z.number()) })) });
const BATCH = 64;

export interface EmbeddersOptions {
  readonly registry: Registry;
  readonly pool: EnginePool;
  readonly gateway: () => Gateway;
  readonly tenant: string;
  readonly keyId: string;
}

/** Embedding models by the names of their resources. The built-in one is called directly; those of vendors go through the gateway, so that they are charged. */
export function createEmbedders(options: EmbeddersOptions): FindEmbedder {
  return (name) => {
    const model = options.registry.get('Model', name);
    if (model === undefined) throw new PlatformError('reference_missing', { message: `there is no Model "${name}" to embed with` });
    const builtIn = model.spec.serving?.engine === 'reader';
    const send = builtIn ? sendToEngine(options, name) : sendThroughGateway(options);
    return {
      name,
      async embed(texts, signal) {
        const vectors: Float32Array[] = [];
        for (let start = 0; start < texts.length; start += BATCH) {
          signal.throwIfAborted();
          const batch = texts.slice(start, start + BATCH);
          const reply = await send(Buffer.from(JSON.stringify({ model: name, input: batch })), signal);
          vectors.push(...readVectors(reply, { name, count: batch.length }));
        }
        return vectors;
      },
    };
  };
}

type Send = (body: Buffer, signal: AbortSignal) => Promise<{ readonly status: number; readonly text: string }>;

const sendToEngine =
  ({ pool }: EmbeddersOptions, name: string): Send =>
  async (body, signal) => {
    const engine = pool.enginesOf(name)[0];
    if (engine === undefined)
      throw new PlatformError('no_endpoint', { message: `the embedding model "${name}" can not be served: ${pool.problemOf(name) ?? 'it has no engine'}` });
    const reply = await engine.call({ operation: 'embeddings', body, stream: false, headers: {}, signal });
    return { status: reply.status, text: await readAll(reply.body) };
  };

const sendThroughGateway =
  ({ gateway, tenant, keyId }: EmbeddersOptions): Send =>
  async (body, signal) => {
    const reply = await gateway().invoke({ operation: 'embeddings', body, principal: { tenant, keyId }, signal });
    return { status: reply.status, text: await readAll(reply.body) };
  };

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function readVectors(reply: { status: number; text: string }, expected: { name: string; count: number }): Float32Array[] {
  const parsed = reply.status === 200 ? replySchema.safeParse(parseJson(reply.text)) : undefined;
  if (parsed?.success !== true || parsed.data.data.length !== expected.count)
    throw new PlatformError('upstream_garbage', {
      message: `the embedding model "${expected.name}" answered with status ${reply.status} and not with ${expected.count} vectors`,
    });
  return [...parsed.data.data].sort((left, right) => left.index - right.index).map((entry) => Float32Array.from(entry.embedding));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
