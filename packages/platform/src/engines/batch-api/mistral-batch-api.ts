import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { BatchApi, BatchApiOperation } from './batch-api.ts';
import { type BatchClientOptions, checked, createBatchClient } from './batch-client.ts';
import { openAiResultSchema, toOpenAiResult } from './openai-result.ts';
import { uploadForm } from './upload-form.ts';

const PATHS: Readonly<Partial<Record<BatchApiOperation, string>>> = { chat: '/v1/chat/completions', embeddings: '/v1/embeddings' };
const PAGE = 100;
/** Pages of jobs that are looked through for one that was lost. */
const MAX_PAGES = 50;
const TOKEN = 'maru_part';

const fileSchema = z.object({ id: z.string().min(1) });
const jobSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  output_file: z.string().nullish(),
  error_file: z.string().nullish(),
  errors: z.array(z.object({ message: z.string().nullish() })).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
const pageSchema = z.object({ data: z.array(jobSchema) });

const ENDED: ReadonlySet<string> = new Set(['SUCCESS', 'FAILED', 'TIMEOUT_EXCEEDED', 'CANCELLED']);

export interface MistralBatchOptions extends BatchClientOptions {
  /** The vendor's name of the model: all requests of a job ask the same one. */
  readonly servedName: string;
}

/** Files and batch jobs of Mistral. A job is marked in its metadata, and found again by them. */
export function createMistralBatchApi(options: MistralBatchOptions): BatchApi {
  const client = createBatchClient(options);
  const pathOf = (id: string): string => `/batch/jobs/${encodeURIComponent(id)}`;
  const read = async (id: string, signal: AbortSignal) => checked(jobSchema, await client.json('GET', pathOf(id), { signal }));
  return {
    async submit(part, signal) {
      const endpoint = PATHS[part.operation];
      if (endpoint === undefined)
        throw new PlatformError('upstream_rejected', {
          message: 'batch jobs of Mistral take chat calls and embeddings; use a Model without batchApi for others',
        });
      const form = uploadForm(part, ({ id, body }) => `{"custom_id":${JSON.stringify(id)},"body":${body}}`);
      const file = checked(fileSchema, await client.json('POST', '/files', { ...form, signal }));
      const body = { input_files: [file.id], endpoint, model: options.servedName, timeout_hours: 24, metadata: { [TOKEN]: part.token } };
      return checked(jobSchema, await client.json('POST', '/batch/jobs', { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json', signal }))
        .id;
    },
    async find({ token, exclude }, signal) {
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const { data } = checked(pageSchema, await client.json('GET', `/batch/jobs?page_size=${PAGE}&page=${page}`, { signal }));
        const found = data.find((job) => job.metadata?.[TOKEN] === token && !exclude.includes(job.id));
        if (found !== undefined || data.length < PAGE) return found?.id;
      }
      return undefined;
    },
    async look(id, signal) {
      const { status, errors } = await read(id, signal);
      const problem = errors?.map((error) => error.message).join('; ');
      return { ended: ENDED.has(status), ...(status === 'FAILED' ? { problem: problem || 'the provider refused the batch' } : {}) };
    },
    async cancel(id, signal) {
      await client.json('POST', `${pathOf(id)}/cancel`, { signal });
    },
    async *results(id, signal) {
      const job = await read(id, signal);
      for (const file of [job.output_file, job.error_file]) {
        if (file == null) continue;
        for await (const line of client.lines(`/files/${encodeURIComponent(file)}/content`, signal)) yield toOpenAiResult(checked(openAiResultSchema, line));
      }
    },
    close: () => client.close(),
  };
}
