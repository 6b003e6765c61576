import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { BatchApi, BatchApiPart, BatchApiResult } from './batch-api.ts';
import { type BatchClient, type BatchClientOptions, checked, createBatchClient } from './batch-client.ts';

/** Pages of 100 batches that are looked through for one that was lost. */
const MAX_PAGES = 50;

const fileSchema = z.object({ file: z.object({ name: z.string().min(1) }) });
const outputSchema = z.object({ responsesFile: z.string().nullish() });
const operationSchema = z.object({
  name: z.string().regex(/^batches\/[^/]+$/),
  done: z.boolean().nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
  metadata: z.object({ displayName: z.string().nullish(), state: z.string().nullish(), output: outputSchema.nullish() }).nullish(),
  response: outputSchema.nullish(),
});
const pageSchema = z.object({ operations: z.array(operationSchema).nullish(), nextPageToken: z.string().nullish() });
const resultSchema = z.object({
  key: z.string(),
  response: z.unknown().optional(),
  error: z.object({ code: z.number().nullish() }).loose().nullish(),
});

const ENDED = /^(?:BATCH_STATE|JOB_STATE)_(?:SUCCEEDED|FAILED|CANCELLED|EXPIRED)$/;

export interface GeminiBatchOptions extends BatchClientOptions {
  /** The vendor's name of the model: all requests of a batch ask the same one. */
  readonly servedName: string;
}

/** Batches of the Gemini API (`batchGenerateContent`), by files. A batch is marked by its name for people, and found again by it. */
export function createGeminiBatchApi(options: GeminiBatchOptions): BatchApi {
  const client = createBatchClient({ ...options, baseUrl: options.baseUrl.replace(/\/openai\/*$/, '') });
  const read = async (id: string, signal: AbortSignal) => checked(operationSchema, await client.json('GET', `/batches/${encodeURIComponent(id)}`, { signal }));
  return {
    speaks: ['gemini'],
    async submit(part, signal) {
      if (part.operation !== 'chat')
        throw new PlatformError('upstream_rejected', { message: 'batches of Gemini take chat calls; use a Model without batchApi for others' });
      const fileName = await upload(client, part, signal);
      const body = Buffer.from(JSON.stringify({ batch: { display_name: part.token, input_config: { file_name: fileName } } }));
      const path = `/models/${encodeURIComponent(options.servedName)}:batchGenerateContent`;
      return idOf(checked(operationSchema, await client.json('POST', path, { body, contentType: 'application/json', signal })));
    },
    async find({ token, exclude }, signal) {
      let from = '';
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { operations, nextPageToken } = checked(pageSchema, await client.json('GET', `/batches?pageSize=100${from}`, { signal }));
        const found = operations?.find((operation) => operation.metadata?.displayName === token && !exclude.includes(idOf(operation)));
        if (found !== undefined) return idOf(found);
        if (nextPageToken == null || nextPageToken === '') return undefined;
        from = `&pageToken=${encodeURIComponent(nextPageToken)}`;
      }
      return undefined;
    },
    async look(id, signal) {
      const { done, metadata, error } = await read(id, signal);
      const state = metadata?.state ?? '';
      const failed = state.endsWith('_FAILED') || (done === true && error != null && !ENDED.test(state));
      return { ended: done === true || ENDED.test(state), ...(failed ? { problem: error?.message || 'the provider refused the batch' } : {}) };
    },
    async cancel(id, signal) {
      await client.json('POST', `/batches/${encodeURIComponent(id)}:cancel`, { signal });
    },
    async *results(id, signal) {
      const { response, metadata } = await read(id, signal);
      const file = response?.responsesFile ?? metadata?.output?.responsesFile;
      if (file == null) return;
      const name = /^files\/([^/]+)$/.exec(file)?.[1];
      if (name === undefined)
        throw new PlatformError('upstream_garbage', { message: `${options.endpoint} has put the answers of a batch into a file without a name` });
      const path = `/download${client.prefix}/files/${encodeURIComponent(name)}:download?alt=media`;
      for await (const line of client.linesAt(path, signal)) yield toResult(checked(resultSchema, line));
    },
    close: () => client.close(),
  };
}

const idOf = ({ name }: z.infer<typeof operationSchema>): string => name.slice('batches/'.length);

function toResult({ key: id, response, error }: z.infer<typeof resultSchema>): BatchApiResult {
  if (response !== undefined) return { id, status: 200, body: response };
  const code = error?.code ?? 0;
  return { id, status: code >= 400 && code < 600 ? code : 400, body: { error: error ?? { message: 'the provider gave no answer' } } };
}

/** Uploads the requests, a line each, by the upload protocol of Google; returns the name of the file. */
async function upload(client: BatchClient, { token, lines }: BatchApiPart, signal: AbortSignal): Promise<string> {
  const lineOf = ({ id, body }: BatchApiPart['lines'][number]): string => `{"key":${JSON.stringify(id)},"request":${body}}\n`;
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(lineOf(line)), 0);
  const begun = await client.begin(`/upload${client.prefix}/files`, {
    body: Buffer.from(JSON.stringify({ file: { display_name: token } })),
    contentType: 'application/json',
    headers: {
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-length': String(bytes),
      'x-goog-upload-header-content-type': 'application/jsonl',
    },
    signal,
  });
  const pieces = async function* (): AsyncIterable<Uint8Array> {
    for (const line of lines) yield Buffer.from(lineOf(line));
  };
  const sent = await client.post(pathOf(begun['x-goog-upload-url']), {
    body: pieces(),
    contentType: 'application/jsonl',
    headers: { 'content-length': String(bytes), 'x-goog-upload-offset': '0', 'x-goog-upload-command': 'upload, finalize' },
    signal,
  });
  return checked(fileSchema, sent).file.name;
}

/** Only the path of the address that a provider gives for an upload is believed: requests and key never go to another host. */
function pathOf(address: string | undefined): string {
  const url = address === undefined ? null : URL.parse(address);
  if (url === null) throw new PlatformError('upstream_garbage', { message: 'the provider gave no address for the upload of a batch' });
  return url.pathname + url.search;
}
