import { z } from 'zod';
import type { BatchApi, BatchApiResult } from './batch-api.ts';
import { type BatchClientOptions, checked, createBatchClient } from './batch-client.ts';

const MAX_PAGES = 20;
/** Clocks differ. */
const EARLIER_MS = 300_000;

const batchSchema = z.object({
  id: z.string().min(1),
  processing_status: z.string(),
  created_at: z.string(),
  request_counts: z.record(z.string(), z.number()),
});
type Batch = z.infer<typeof batchSchema>;
const pageSchema = z.object({ data: z.array(batchSchema), has_more: z.boolean().nullish(), last_id: z.string().nullish() });
const resultSchema = z.object({
  custom_id: z.string(),
  result: z.object({ type: z.string(), message: z.unknown().optional(), error: z.unknown().optional() }),
});

/**
 * Message batches of Anthropic. They take no mark: one that was lost is found by its time and size, and known for sure by the ids in its
 * results.
 */
export function createAnthropicBatchApi(options: BatchClientOptions): BatchApi {
  const client = createBatchClient(options);
  const pathOf = (id: string): string => `/messages/batches/${encodeURIComponent(id)}`;
  return {
    async submit({ lines }, signal) {
      const pieces = async function* (): AsyncIterable<Uint8Array> {
        yield Buffer.from('{"requests":[');
        for (const [index, { id, body }] of lines.entries()) yield Buffer.from(`${index === 0 ? '' : ','}{"custom_id":${JSON.stringify(id)},"params":${body}}`);
        yield Buffer.from(']}');
      };
      return checked(batchSchema, await client.json('POST', '/messages/batches', { body: pieces(), contentType: 'application/json', signal })).id;
    },
    async find({ lines, sinceMs, exclude }, signal) {
      let after = '';
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { data, has_more: more, last_id: last } = checked(pageSchema, await client.json('GET', `/messages/batches?limit=100${after}`, { signal }));
        const recent = data.filter((batch) => Date.parse(batch.created_at) >= sinceMs - EARLIER_MS);
        const found = recent.find((batch) => sizeOf(batch) === lines && !exclude.includes(batch.id));
        if (found !== undefined) return found.id;
        // Newest first: behind the first older one there is nothing.
        if (more !== true || last == null || recent.length < data.length) return undefined;
        after = `&after_id=${encodeURIComponent(last)}`;
      }
      return undefined;
    },
    async look(id, signal) {
      return { ended: checked(batchSchema, await client.json('GET', pathOf(id), { signal })).processing_status === 'ended' };
    },
    async cancel(id, signal) {
      await client.json('POST', `${pathOf(id)}/cancel`, { signal });
    },
    async *results(id, signal) {
      for await (const line of client.lines(`${pathOf(id)}/results`, signal)) yield toResult(checked(resultSchema, line));
    },
    close: () => client.close(),
  };
}

const sizeOf = ({ request_counts: counts }: Batch): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

function toResult({ custom_id: id, result }: z.infer<typeof resultSchema>): BatchApiResult {
  if (result.type === 'succeeded') return { id, status: 200, body: result.message };
  if (result.type === 'errored') return { id, status: 400, body: result.error ?? {} };
  return { id, status: 499, body: { error: { type: result.type, message: `the provider has ${result.type} the request` } } };
}
