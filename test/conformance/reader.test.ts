import { createReaderEmbedEngine, createReaderEngine } from '../../packages/platform/src/engines/index.ts';
import { createFakeClock, createSeededIds } from '../../packages/platform/src/time/index.ts';
import { describeEngine } from './engine.ts';

const longPrompt = `Context:\n${Array.from({ length: 40 }, (_, index) => `Replica ${index} of the model holds the blocks of shard ${index}.`).join(' ')}\n\nQuestion: which replica of the model holds the blocks of shard 7?`;

describeEngine('reader', async () => {
  const engine = createReaderEngine({ model: 'reader', clock: createFakeClock(), ids: createSeededIds() });
  return { engine, operations: ['chat', 'completions'], longPrompt, close: () => engine.close() };
});

describeEngine('reader-embed', async () => {
  const engine = createReaderEmbedEngine({ model: 'reader-embed' });
  return { engine, operations: ['embeddings'], longPrompt, close: () => engine.close() };
});
