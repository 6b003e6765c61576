/** A batch as a provider keeps it. */
export interface ProviderBatch {
  readonly id: string;
  readonly form: 'openai' | 'anthropic' | 'mistral' | 'gemini';
  readonly requests: readonly { readonly id: string; readonly body: Readonly<Record<string, unknown>> }[];
  readonly metadata: unknown;
  state: 'running' | 'ended' | 'cancelled';
}

export interface BatchProvider {
  readonly url: string;
  readonly origin: string;
  readonly batches: ProviderBatch[];
  /** Keys that were sent. */
  readonly keys: Set<string>;
  /** Calls of a model that did not come in a batch. */
  direct: number;
  /** Breaks the connection instead of answering the next submissions, after they were taken. */
  loseAnswers: number;
  end(): void;
  close(): Promise<void>;
}

/** One request to the API of a provider, read whole. */
export interface BatchCall {
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly provider: BatchProvider;
  readonly files: Map<string, string>;
  add(batch: Pick<ProviderBatch, 'form' | 'requests' | 'metadata'>): ProviderBatch;
  json(value: unknown, status?: number): void;
  jsonl(lines: readonly object[]): void;
  /** As `json`; its answer may be lost. */
  submitted(value: object): void;
  /** Answers without a body. */
  begin(headers: Readonly<Record<string, string>>): void;
}

type Body = Readonly<Record<string, unknown>>;

/** What is asked, in the form of any of the APIs. */
export function wordsOf(body: Body): string {
  const contents = body['contents'] as { parts: { text: string }[] }[] | undefined;
  if (contents !== undefined) return contents.flatMap(({ parts }) => parts.map(({ text }) => text)).join('');
  const content = (body['messages'] as { content: string | { text: string }[] }[] | undefined)?.[0]?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

/** Batch jobs of Mistral as its public reference describes them (written, not recorded). Returns whether it has answered. */
export function answerMistral(call: BatchCall, resultOf: (request: ProviderBatch['requests'][number]) => object): boolean {
  const { method, path, text, provider, files } = call;
  const job = (batch: ProviderBatch): object => ({
    id: batch.id,
    object: 'batch',
    status: batch.state === 'running' ? 'RUNNING' : batch.state === 'ended' ? 'SUCCESS' : 'CANCELLED',
    output_file: batch.state === 'running' ? null : `out_${batch.id}`,
    error_file: null,
    errors: [],
    metadata: batch.metadata,
    total_requests: batch.requests.length,
    model: batch.requests[0]?.body['model'],
  });
  const own = provider.batches.filter(({ form }) => form === 'mistral');
  if (method === 'POST' && path === '/batch/jobs') {
    const { input_files: inputs, model, metadata } = JSON.parse(text) as { input_files: string[]; model: string; metadata: unknown };
    const requests = inputs.flatMap((input) => readLines<{ custom_id: string; body: Body }>(files.get(input)));
    const named = requests.map(({ custom_id: id, body }) => ({ id, body: { ...body, model } }));
    call.submitted(job(call.add({ form: 'mistral', requests: named, metadata })));
    return true;
  }
  if (path === '/batch/jobs') {
    call.json({ data: own.map(job), object: 'list', total: own.length });
    return true;
  }
  const file = /^\/files\/out_(mistral_batch_[^/]+)\/content$/.exec(path);
  const batch = own.find(({ id }) => id === (file?.[1] ?? /^\/batch\/jobs\/([^/]+)/.exec(path)?.[1]));
  if (batch === undefined) return false;
  if (path.endsWith('/cancel')) batch.state = 'cancelled';
  if (file === null) call.json(job(batch));
  else call.jsonl([...batch.requests].reverse().map(resultOf));
  return true;
}

/** Batches of the Gemini API as its public reference describes them (written, not recorded). Returns whether it has answered. */
export function answerGemini(call: BatchCall): boolean {
  const { method, path, text, provider, files } = call;
  const operation = (batch: ProviderBatch): object => ({
    name: `batches/${batch.id}`,
    metadata: {
      '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
      displayName: batch.metadata,
      state: batch.state === 'running' ? 'BATCH_STATE_RUNNING' : batch.state === 'ended' ? 'BATCH_STATE_SUCCEEDED' : 'BATCH_STATE_CANCELLED',
    },
    ...(batch.state === 'ended' ? { done: true, response: { responsesFile: `files/out_${batch.id}` } } : {}),
  });
  const answer = ({ id, body }: ProviderBatch['requests'][number]): object =>
    wordsOf(body).includes('wrong')
      ? { key: id, error: { code: 400, message: 'this is wrong', status: 'INVALID_ARGUMENT' } }
      : {
          key: id,
          response: {
            candidates: [{ index: 0, content: { role: 'model', parts: [{ text: `re: ${wordsOf(body)}` }] }, finishReason: 'STOP' }],
            usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 },
            modelVersion: 'gemini',
          },
        };
  const own = provider.batches.filter(({ form }) => form === 'gemini');
  if (/^\/upload\/v1\w*\/files$/.test(path)) {
    const uploads = `upload_${files.size}`;
    files.set(uploads, '');
    // Another host in the address: only its path may be believed.
    call.begin({ 'x-goog-upload-url': `https://elsewhere.invalid/upload/v1/files/${uploads}?upload_id=1` });
    return true;
  }
  const uploaded = /^\/upload\/v1\w*\/files\/(upload_\d+)$/.exec(path)?.[1];
  if (uploaded !== undefined) {
    if (call.headers['content-length'] !== String(Buffer.byteLength(text))) call.json({ error: { message: 'wrong length' } }, 400);
    else {
      files.set(uploaded, text);
      call.json({ file: { name: `files/${uploaded}` } });
    }
    return true;
  }
  if (method === 'POST' && path.endsWith(':batchGenerateContent')) {
    const { batch } = JSON.parse(text) as { batch: { display_name: string; input_config: { file_name: string } } };
    const model = /\/models\/([^:]+):/.exec(path)?.[1];
    const lines = readLines<{ key: string; request: Body }>(files.get(batch.input_config.file_name.replace('files/', '')));
    const requests = lines.map(({ key, request }) => ({ id: key, body: { ...request, model } }));
    call.submitted(operation(call.add({ form: 'gemini', requests, metadata: batch.display_name })));
    return true;
  }
  if (method === 'GET' && path === '/batches' && call.headers['x-goog-api-key'] !== undefined) {
    call.json({ operations: own.map(operation) });
    return true;
  }
  const download = /^\/download\/v1\w*\/files\/out_(gemini_batch_\d+):download$/.exec(path)?.[1];
  const batch = own.find(({ id }) => id === (download ?? /^\/batches\/(gemini_batch_\d+)/.exec(path)?.[1]));
  if (batch === undefined) return false;
  if (path.endsWith(':cancel')) batch.state = 'cancelled';
  if (download === undefined) call.json(path.endsWith(':cancel') ? {} : operation(batch));
  else call.jsonl([...batch.requests].reverse().map(answer));
  return true;
}

const readLines = <T>(text: string | undefined): T[] =>
  (text ?? '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
