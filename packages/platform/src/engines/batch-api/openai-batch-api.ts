import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Clock } from '#time';
import type { BatchApi, BatchApiOperation } from './batch-api.ts';
import { type BatchClientOptions, checked, createBatchClient } from './batch-client.ts';
import { openAiResultSchema, toOpenAiResult } from './openai-result.ts';
import { uploadForm } from './upload-form.ts';

/** Where a request of a batch goes, as its line says it. */
const PATHS: Readonly<Record<BatchApiOperation, string>> = { chat: '/v1/chat/completions', completions: '/v1/completions', embeddings: '/v1/embeddings' };
/** Pages of 100 batches that are looked through for one that was lost. */
const MAX_PAGES = 50;
const TOKEN = 'maru_part';
/** Between two looks at an uploaded file, and how many there are. */
const FILE_LOOK_MS = 2000;
const MAX_FILE_LOOKS = 60;

const fileSchema = z.object({ id: z.string().min(1), status: z.string().nullish() });
const batchSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
const pageSchema = z.object({ data: z.array(batchSchema), has_more: z.boolean().nullish() });

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled']);

export interface OpenAiBatchOptions extends BatchClientOptions {
  /** Where an uploaded file must have been checked before a batch may name it, as at Azure. */
  readonly waitsForFile?: Pick<Clock, 'sleep'>;
}

/** Files and batches of the OpenAI API. A batch is marked in its metadata, and found again by them. */
export function createOpenAiBatchApi(options: OpenAiBatchOptions): BatchApi {
  const client = createBatchClient(options);
  const read = async (id: string, signal: AbortSignal) => checked(batchSchema, await client.json('GET', `/batches/${encodeURIComponent(id)}`, { signal }));

  const waitForFile = async (file: z.infer<typeof fileSchema>, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> => {
    let { status } = file;
    for (let looks = 0; status !== 'processed'; looks += 1) {
      if (status === 'error')
        throw new PlatformError('upstream_rejected', {
          message: `${options.endpoint} found the input file of a batch wrong; look at the deployment and its kind`,
        });
      if (looks === MAX_FILE_LOOKS)
        throw new PlatformError('upstream_timeout', { message: `${options.endpoint} has not checked the input file of a batch in time` });
      await clock.sleep(FILE_LOOK_MS, signal);
      ({ status } = checked(fileSchema, await client.json('GET', `/files/${encodeURIComponent(file.id)}`, { signal })));
    }
  };

  return {
    async submit(part, signal) {
      const endpoint = PATHS[part.operation];
      const form = uploadForm(part, ({ id, body }) => `{"custom_id":${JSON.stringify(id)},"method":"POST","url":"${endpoint}","body":${body}}`);
      const file = checked(fileSchema, await client.json('POST', '/files', { ...form, signal }));
      if (options.waitsForFile !== undefined) await waitForFile(file, options.waitsForFile, signal);
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
        for await (const line of client.lines(`/files/${encodeURIComponent(file)}/content`, signal)) yield toOpenAiResult(checked(openAiResultSchema, line));
      }
    },
    close: () => client.close(),
  };
}
