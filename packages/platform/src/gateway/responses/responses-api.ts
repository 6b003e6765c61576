import { PlatformError } from '@maru/api/errors';
import type { KeptResponse } from './response-store.ts';
import type { Responses } from './responses.ts';

type Json = Readonly<Record<string, unknown>>;

const PATH = /^(?:\/v1)?\/responses\/([\w.:-]{1,200})(?:\/(input_items|cancel))?$/;

export const isResponsePath = (path: string): boolean => PATH.test(path);

export interface ResponseRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly tenant: string;
}

/** The methods of a path of the API; for the header `allow`. */
export const methodsOf = (path: string): readonly string[] => {
  const [, , part] = PATH.exec(path) ?? [];
  return part === 'cancel' ? ['POST'] : part === 'input_items' ? ['GET'] : ['GET', 'DELETE'];
};

/** Where a stream of a response is to go on; undefined where none is asked for. Throws `invalid_request`. */
export function readStream({ method, path, query }: Omit<ResponseRequest, 'tenant'>): { readonly id: string; readonly after: number } | undefined {
  const [, id = '', part] = PATH.exec(path) ?? [];
  if (method !== 'GET' || part !== undefined || query.get('stream') !== 'true') return undefined;
  const after = query.get('starting_after') ?? '-1';
  if (!/^(?:-1|\d{1,15})$/.test(after)) throw wrong('starting_after', 'must be the sequence number of an event');
  return { id, after: Number(after) };
}

/** Everything about a response that was made before: read, list its input, cancel, delete. Throws `not_found` and `invalid_request`. */
export async function answerResponseRequest(responses: Responses, { method, path, query, tenant }: ResponseRequest): Promise<Json> {
  const [, id = '', part] = PATH.exec(path) ?? [];
  if (part === 'cancel') return (await responses.cancel(tenant, id)).answer;
  if (part === 'input_items') return listItems(id, await responses.items(tenant, id), query);
  if (method === 'DELETE') {
    await responses.remove(tenant, id);
    return { id, object: 'response', deleted: true };
  }
  return withStatus(await responses.get(tenant, id));
}

const withStatus = ({ answer, status }: KeptResponse): Json => ({ ...answer, status });

function listItems(id: string, items: readonly Json[], query: URLSearchParams): Json {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw wrong('limit', 'must be a whole number from 1 to 100');
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw wrong('order', 'must be asc or desc');
  const named = items.map((item, index) => ({ id: `item_${id.slice(0, 64)}_${index}`, type: 'message', ...item }));
  const ordered = order === 'asc' ? named : named.toReversed();
  const after = query.get('after');
  const start = after === null ? 0 : ordered.findIndex((item) => item.id === after) + 1;
  if (after !== null && start === 0) throw wrong('after', 'names an item that is not in this list');
  const data = ordered.slice(start, start + limit);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: start + limit < ordered.length };
}

const wrong = (param: string, what: string): PlatformError => new PlatformError('invalid_request', { message: `"${param}" ${what}`, details: { param } });
