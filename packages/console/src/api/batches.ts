import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { request, send } from './request.ts';
import { saveFile } from './save-file.ts';

/** Paths whose requests a batch may hold. */
export const BATCH_ENDPOINTS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

const batchSchema = z.object({
  id: z.string(),
  endpoint: z.string(),
  status: z.string(),
  input_file_id: z.string(),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  errors: z.object({ data: z.array(z.object({ message: z.string(), line: z.number().nullish() })) }).nullable(),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
});
export type Batch = z.infer<typeof batchSchema>;

const fileSchema = z.object({ id: z.string(), bytes: z.number(), created_at: z.number(), filename: z.string(), purpose: z.string() });
export type StoredFile = z.infer<typeof fileSchema>;

const enc = encodeURIComponent;
const listOf = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item) });

export const batchesQuery = queryOptions({
  queryKey: ['batches'],
  queryFn: async ({ signal }) => (await request(listOf(batchSchema), '/v1/batches', { query: { limit: 100 }, signal })).data,
});

export const filesQuery = queryOptions({
  queryKey: ['files'],
  queryFn: async ({ signal }) => (await request(listOf(fileSchema), '/v1/files', { query: { limit: 100 }, signal })).data,
});

/** Uploads a JSONL file and starts a batch of it; wrong lines fail the batch before anything runs. */
export async function startBatch(file: File, endpoint: BatchEndpoint): Promise<Batch> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', file);
  const uploaded = await request(fileSchema, '/v1/files', { method: 'POST', form });
  return request(batchSchema, '/v1/batches', { method: 'POST', body: { input_file_id: uploaded.id, endpoint, completion_window: '24h' } });
}

export const cancelBatch = (id: string) => send(`/v1/batches/${enc(id)}/cancel`, { method: 'POST', body: {} });
export const deleteFile = (id: string) => send(`/v1/files/${enc(id)}`, { method: 'DELETE' });

/** Hands the content of a file to the browser as a download. */
export async function downloadFile({ id, filename }: Pick<StoredFile, 'id' | 'filename'>): Promise<void> {
  const response = await send(`/v1/files/${enc(id)}/content`);
  saveFile(await response.blob(), filename);
}
