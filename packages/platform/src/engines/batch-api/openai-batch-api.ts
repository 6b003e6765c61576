import { z } from 'zod';
import type { BatchApi, BatchApiOperation, BatchApiPart, BatchApiResult } from './batch-api.ts';
import { type BatchClientOptions, checked, createBatchClient } from './batch-client.ts';

/** Where a request of a batch goes, as its line says it. */
const PATHS: Readonly<Record<BatchApiOperation, string>> = { chat: '/v1/chat/completions', completions: '/v1/completions', embeddings: '/v1/embeddings' };
/** Pages of 100 batches that are looked through for one that was lost. */
const MAX_PAGES = 50;
const TOKEN = 'maru_part';

const fileSchema = z.object({ id: z.string().min(1) });
const batchSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
const pageSchema = z.object({ data: z.array(batchSchema), has_more: z.boolean().nullish() });
const resultSchema = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.unknown(),
});

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled']);

/** Files and batches of the OpenAI API. A batch is marked in its metadata, and found again by them. */
export function createOpenAiBatchApi(options: BatchClientOptions): BatchApi {
  const client = createBatchClient(options);
  const read = async (id: string, signal: AbortSignal) => checked(batchSchema, await client.json('GET', `/batches/${encodeURIComponent(id)}`, { signal }));
  return {
    async submit(part, signal) {
      const endpoint = PATHS[part.operation];
      const file = checked(fileSchema, await client.json('POST', '/files', { ...upload(part, endpoint), signal }));
      const body = { input_file_id: file.id, endpoint, completion_window: '24h', metadata: { [TOKEN]: part.token } };
      return checked(batchSchema, await client.json('POST', '/batches', { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json', signal }))
        .id;
    },
    async find({ token, exclude }, signal) {
      let after = '';
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { data, has_more: more } = checked(pageSchema, await client.json('GET', `/batches?limit=100${after}`, { signal }));
        const found = data.find((batch) => batch.metadata?.[TOKEN] === token && !exclude.includes(batch.id));
        if (found !== undefined) return found.id;
        const last = data.at(-1);
        if (more !== true || last === undefined) return undefined;
        after = `&after=${encodeURIComponent(last.id)}`;
      }
      return undefined;
    },
    async look(id, signal) {
      const { status, errors } = await read(id, signal);
      const problem = errors?.data?.map((error) => error.message).join('; ');
      return { ended: ENDED.has(status), ...(status === 'failed' ? { problem: problem || 'the provider refused the batch' } : {}) };
    },
    async cancel(id, signal) {
      await client.json('POST', `/batches/${encodeURIComponent(id)}/cancel`, { signal });
    },
    async *results(id, signal) {
      const batch = await read(id, signal);
      for (const file of [batch.output_file_id, batch.error_file_id]) {
        if (file == null) continue;
        for await (const line of client.lines(`/files/${encodeURIComponent(file)}/content`, signal)) yield toResult(checked(resultSchema, line));
      }
    },
    close: () => client.close(),
  };
}

function toResult({ custom_id: id, response, error }: z.infer<typeof resultSchema>): BatchApiResult {
  if (response == null) return { id, status: 500, body: { error: error ?? { code: 'batch_failed', message: 'the provider gave no answer' } } };
  return { id, status: response.status_code, body: response.body };
}

/** The input file as a form, one line at a time. */
function upload({ token, lines }: BatchApiPart, url: string): { readonly body: AsyncIterable<Uint8Array>; readonly contentType: string } {
  const boundary = `maru-${token}`;
  const field = (name: string, more: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const pieces = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from(`${field('purpose', '')}batch\r\n${field('file', `; filename="${token}.jsonl"\r\ncontent-type: application/jsonl`)}`);
    for (const { id, body } of lines) yield Buffer.from(`{"custom_id":${JSON.stringify(id)},"method":"POST","url":"${url}","body":${body}}\n`);
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  };
  return { body: pieces(), contentType: `multipart/form-data; boundary=${boundary}` };
}
