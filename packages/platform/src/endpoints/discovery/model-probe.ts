import { isPlatformError, PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { parseJson } from '#http';
import type { HttpClient } from '../http-client.ts';

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 5000;

const modelsSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string(), root: z.string().nullish(), parent: z.string().nullish() })).max(10_000) });
const healthSchema = z.looseObject({ status: z.string().nullish(), instances: z.array(z.unknown()).nullish() });

/** What stands behind an address, as its list of models says. */
export type ProbeResult =
  /** `lora`: the name is that of an adapter. */
  | { readonly state: 'serves'; readonly models: readonly string[]; readonly lora: boolean }
  /** It serves something else: it came back with another model, or the address is that of another server. */
  | { readonly state: 'other-model'; readonly models: readonly string[] }
  /** A Dynamo frontend without a worker. */
  | { readonly state: 'no-workers' }
  | { readonly state: 'unreachable'; readonly detail: string };

export interface ProbeOptions {
  readonly url: string;
  /** Names under which the model may be served. */
  readonly names: readonly string[];
  /** A frontend of Dynamo is asked for its workers too. */
  readonly dynamo: boolean;
  readonly client: HttpClient;
  readonly signal: AbortSignal;
}

/** Asks an endpoint which models it serves. Never throws but for cancellation. */
export async function probeModel({ url, names, dynamo, client, signal }: ProbeOptions): Promise<ProbeResult> {
  try {
    const listed = modelsSchema.safeParse(await askJson(client, `${url}/v1/models`, signal));
    if (!listed.success) return { state: 'unreachable', detail: `${url}/v1/models is not a list of models` };
    const models = listed.data.data.map(({ id }) => id);
    const known = new Set(listed.data.data.flatMap(({ id, root }) => [id, root ?? id]));
    if (models.length > 0 && !names.some((name) => known.has(name))) return { state: 'other-model', models };
    const lora = listed.data.data.some(({ id, parent }) => names.includes(id) && typeof parent === 'string');
    if (!dynamo) return models.length === 0 ? { state: 'other-model', models } : { state: 'serves', models, lora };
    const health = healthSchema.safeParse(await askJson(client, `${url}/health`, signal));
    return models.length > 0 && health.success && (health.data.instances?.length ?? 1) > 0 ? { state: 'serves', models, lora } : { state: 'no-workers' };
  } catch (error) {
    if (isPlatformError(error, 'cancelled') || !isPlatformError(error)) throw error;
    return { state: 'unreachable', detail: error.message };
  }
}

async function askJson(client: HttpClient, url: string, signal: AbortSignal): Promise<unknown> {
  const body = await client.ask({ url, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal });
  try {
    return parseJson(body);
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${url} answers with something that is not JSON`, cause });
  }
}
