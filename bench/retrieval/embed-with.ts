import type { Engine } from '../../packages/platform/src/engines/index.ts';
import type { Embedder } from '../../packages/platform/src/knowledge/index.ts';

/** An engine that makes embeddings as the embedder of a knowledge base. */
export function embedWith(engine: Engine): Embedder {
  return {
    name: engine.model,
    async embed(texts, signal) {
      const body = Buffer.from(JSON.stringify({ model: engine.servedName, input: texts, encoding_format: 'base64' }));
      const reply = await engine.call({ operation: 'embeddings', body, stream: false, headers: {}, signal });
      const chunks: Uint8Array[] = [];
      for await (const chunk of reply.body) chunks.push(chunk);
      const list = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { data: { embedding: string }[] };
      return list.data.map(({ embedding }) => new Float32Array(Uint8Array.from(Buffer.from(embedding, 'base64')).buffer));
    },
  };
}
