import { type Batches, batchToWire } from '#batches';
import { parseJson, readBody, sendJsonWith } from '#http';
import { type ObjectRequest, readLimit, wrongMethod } from './files-api.ts';

const BATCH = /^\/v1\/batches\/([^/]+)(\/cancel)?$/;
const MAX_BODY_BYTES = 64 * 1024;

export const isBatchesPath = (path: string): boolean => path === '/v1/batches' || BATCH.test(path);

/** The batch API of OpenAI: create, list, get, cancel. Throws what {@link Batches} throws, and `method_not_allowed`. */
export async function answerBatches(batches: Batches, asked: ObjectRequest): Promise<void> {
  const { request, response, path, principal, headers } = asked;
  const { tenant, keyId } = principal;
  const send = (body: unknown): void => sendJsonWith(response, { status: 200, headers }, body);
  const method = request.method ?? '';
  const match = BATCH.exec(path);
  const id = match?.[1];
  if (id === undefined) {
    if (method === 'POST') return send(batchToWire(await batches.create({ tenant, keyId }, parseJson(await readBody(request, MAX_BODY_BYTES)))));
    if (method !== 'GET') throw wrongMethod(asked, 'GET, POST');
    const query = new URLSearchParams(request.url?.split('?')[1] ?? '');
    const page = await batches.list(tenant, { limit: readLimit(query, 100), after: query.get('after') ?? undefined });
    return send({
      object: 'list',
      data: page.batches.map(batchToWire),
      first_id: page.batches[0]?.id ?? null,
      last_id: page.batches.at(-1)?.id ?? null,
      has_more: page.more,
    });
  }
  if (match?.[2] !== undefined) {
    if (method !== 'POST') throw wrongMethod(asked, 'POST');
    return send(batchToWire(await batches.cancel(tenant, id)));
  }
  if (method !== 'GET') throw wrongMethod(asked, 'GET');
  send(batchToWire(await batches.get(tenant, id)));
}
