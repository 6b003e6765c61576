import { type BatchSummary, batchPageSchema } from '@maru/api/wire';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { request, send } from './request.ts';
import { saveFile } from './save-file.ts';

/** Paths whose requests a batch may hold. */
export const BATCH_ENDPOINTS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

const fileSchema = z.object({ id: z.string(), bytes: z.number(), created_at: z.number(), filename: z.string(), purpose: z.string() });
export type StoredFile = z.infer<typeof fileSchema>;

const enc = encodeURIComponent;
const listOf = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item) });

export const batchesQuery = queryOptions({
  queryKey: ['batches'],
  queryFn: async ({ signal }): Promise<readonly BatchSummary[]> => (await request(batchPageSchema, '/api/v1/batches', { query: { limit: 100 }, signal })).items,
});

export const filesQuery = queryOptions({
  queryKey: ['files'],
  queryFn: async ({ signal }) => (await request(listOf(fileSchema), '/v1/files', { query: { limit: 100 }, signal })).data,
});

/** Uploads a JSONL file and starts a batch of it; wrong lines fail the batch before anything runs. */
export async function startBatch(file: File, endpoint: BatchEndpoint): Promise<void> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', file);
  const uploaded = await request(fileSchema, '/v1/files', { method: 'POST', form });
  await send('/v1/batches', { method: 'POST', body: { input_file_id: uploaded.id, endpoint, completion_window: '24h' } });
}

export const cancelBatch = (id: string) => send(`/api/v1/batches/${enc(id)}:cancel`, { method: 'POST', body: {} });
export const deleteFile = (id: string) => send(`/v1/files/${enc(id)}`, { method: 'DELETE' });

/** Hands the content of a file to the browser as a download. */
export async function downloadFile({ id, filename }: Pick<StoredFile, 'id' | 'filename'>): Promise<void> {
  const response = await send(`/v1/files/${enc(id)}/content`);
  saveFile(await response.blob(), filename);
}
