import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import {
  type Batches,
  type BatchPorts,
  createBatches,
  createFiles,
  type DeferredLine,
  type Files,
  type LineReply,
  type LineRequest,
  type RemoteAnswer,
} from '#batches';
import type { Engine, EngineOperation } from '#engines';
import type { WireFormat } from '#formats';
import type { Attempt, Gateway, LocalRequest, Principal } from '#gateway';
import type { Ledger } from '#ledger';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';

export interface StoredOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly gateway: () => Gateway;
  readonly enginesOf: (model: string) => readonly Engine[];
  /** Calls that the platform answers now. */
  readonly busy: () => number;
  readonly dataDir: string;
}

/** Calls at once up to which lines of batches may join: below it the platform has capacity to spare. */
const BUSY_CALLS = 16;
const MAX_LINES_AT_ONCE = 8;
const SWEEP_MS = 3_600_000;

const OPERATIONS = { '/v1/chat/completions': 'chat', '/v1/completions': 'completions', '/v1/embeddings': 'embeddings' } as const;

/** Files and batches of the platform, in its data folder; nothing runs before `batches.start()`. */
export function openStored(options: StoredOptions): { readonly files: Files; readonly batches: Batches; close(): Promise<void> } {
  const { store, clock, ids, log } = options;
  const files = createFiles({ store, clock, ids, folder: join(options.dataDir, 'files') });
  // On SQLite there is no other process: after a crash nobody waits for the lease to run out.
  const holder = store.dialect === 'sqlite' ? 'local' : ids.next('process');
  const batches = createBatches({ store, files, clock, ids, log, ports: batchPorts(options), limits: { maxParallel: MAX_LINES_AT_ONCE }, holder });
  const sweep = (): void => {
    void files.sweep().catch((error: unknown) => log.warn({ code: (error as { code?: unknown }).code }, 'expired files could not be removed'));
    timer = clock.schedule(SWEEP_MS, sweep);
  };
  let timer = clock.schedule(SWEEP_MS, sweep);
  return {
    files,
    batches,
    close: async () => {
      timer.cancel();
      await batches.close();
    },
  };
}

function batchPorts({ ledger, gateway, busy, enginesOf }: StoredOptions): BatchPorts {
  /** Undefined where its model or its address has gone. */
  const engineOf = (api: string): Engine | undefined => {
    const { model, endpoint } = readApi(api);
    return enginesOf(model).find((engine) => engine.endpoint === endpoint);
  };
  const ask = async (
    request: LineRequest,
    more: { readonly via: LocalRequest['via'] & {}; readonly once?: string; readonly signal: AbortSignal },
  ): Promise<LineReply> => {
    const { tenant, keyId, endpoint, body } = request;
    const principal = await principalOf(ledger, { tenant, keyId });
    const payee = { batch: true, ...(more.once === undefined ? {} : { once: more.once }) };
    const reply = await gateway().invoke({ operation: operationOf(endpoint), body, principal, payee, signal: more.signal, via: more.via });
    const chunks: Buffer[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    return { status: reply.status, requestId: reply.headers['x-request-id'] ?? '', body: Buffer.concat(chunks).toString('utf8') };
  };
  return {
    spare: () => BUSY_CALLS - busy(),
    async invoke(request, signal) {
      let deferred: DeferredLine | undefined;
      const via = (attempt: Attempt): Attempt =>
        attempt.engine.batches === undefined ? attempt : { ...attempt, engine: deferring(attempt.engine, (line) => (deferred = line)) };
      const reply = await ask(request, { via, signal });
      return deferred ?? reply;
    },
    complete(request, answer, signal) {
      const { model } = readApi(answer.api);
      const engine = engineOf(answer.api);
      if (engine === undefined) return Promise.reject(new PlatformError('no_endpoint', { message: `the model "${model}" of the batch is no longer there` }));
      return ask(request, { via: (attempt) => ({ ...attempt, model, engine: answering(engine, answer) }), once: answer.name, signal });
    },
    remote(api) {
      const batches = engineOf(api)?.batches;
      if (batches === undefined) return undefined;
      return { ...batches, submit: (part, signal) => batches.submit({ token: part.token, operation: operationOf(part.endpoint), lines: part.lines }, signal) };
    },
  };
}

const operationOf = (endpoint: string): EngineOperation => OPERATIONS[endpoint as keyof typeof OPERATIONS];

/** The batch API of one address of a model, as a name. */
const writeApi = (engine: Engine): string => JSON.stringify([engine.model, engine.endpoint]);
function readApi(api: string): { readonly model: string; readonly endpoint: string } {
  const [model = '', endpoint = ''] = JSON.parse(api) as string[];
  return { model, endpoint };
}

/** Takes the request that the gateway has made for an engine, in place of the engine. */
const deferring = (engine: Engine, take: (line: DeferredLine) => void): Engine => ({
  ...engine,
  ...(engine.batches?.speaks === undefined ? {} : { speaks: engine.batches.speaks }),
  call: ({ body, format }) => {
    take({ api: writeApi(engine), format: format ?? 'openai-chat', request: Buffer.from(body).toString('utf8') });
    return Promise.reject(new PlatformError('deferred', { message: `the request waits for the batch API of ${engine.provider}` }));
  },
});

/** Gives what a provider has answered in a batch. */
const answering = (engine: Engine, { format, answer }: RemoteAnswer): Engine => ({
  ...engine,
  speaks: [format as WireFormat],
  call: () => Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: wholeOf(answer) }),
});

async function* wholeOf(answer: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(answer);
}

/** The key that made the batch, as it is now: one that was revoked or has lost a model since then stops its batch. Throws `key_revoked`. */
async function principalOf(ledger: Ledger, { tenant, keyId }: { readonly tenant: string; readonly keyId: string }): Promise<Principal> {
  const info = await ledger.getKey(keyId);
  // The administrator and people at the console have no stored key.
  if (info === undefined) return { tenant, keyId };
  if (info.revokedMs !== undefined || info.blocked) throw new PlatformError('key_revoked', { message: 'the key that made the batch was revoked' });
  const known = await ledger.principalOf(keyId);
  return {
    tenant,
    keyId,
    ...(known === undefined ? {} : { allows: (name: string) => ledger.allowsModel(known, name) }),
    ...(info.tags === undefined ? {} : { tags: info.tags }),
  };
}
