import { ERROR_CATALOGUE, type ErrorCode, PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { notifySignedOut } from './signed-out.ts';

const errorBodySchema = z.object({
  error: z.object({ message: z.string(), code: z.string().nullish(), details: z.record(z.string(), z.unknown()).nullish() }),
});

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'rate_limited',
};

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CATALOGUE, code);

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** Sent as it is, in place of a body. */
  readonly form?: FormData;
  /** Bytes, sent as they are. */
  readonly content?: Blob;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of the answer before its status is looked at. */
  readonly onResponse?: (response: Response) => void;
}

/** Path with the parameters that have a value. */
function pathWithQuery(path: string, query: RequestOptions['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Turns an answer that is not 2xx into the error that the server named. */
async function errorOf(response: Response): Promise<PlatformError> {
  const text = await response.text();
  const fallback = CODE_OF_STATUS[response.status] ?? (response.status >= 500 ? 'internal' : 'invalid_request');
  const parsed = errorBodySchema.safeParse(parseJson(text));
  if (!parsed.success) return new PlatformError(fallback, { message: `${ERROR_CATALOGUE[fallback].meaning} (HTTP ${response.status})` });
  const { code, message, details } = parsed.data.error;
  return new PlatformError(typeof code === 'string' && isErrorCode(code) ? code : fallback, { message, ...(details ? { details } : {}) });
}

/** Sends a request with the session cookie; throws the server's error, or `upstream_unreachable` when there is no server. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(pathWithQuery(path, options.query), {
      method: options.method ?? 'GET',
      credentials: 'same-origin',
      headers: {
        'x-maru-console': '1',
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.form === undefined ? {} : { body: options.form }),
      ...(options.content === undefined ? {} : { body: options.content }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new PlatformError('upstream_unreachable', { message: 'Maru does not answer. Check that it still runs where you started it.', cause });
  }
  options.onResponse?.(response);
  if (response.ok) return response;
  if (response.status === 401) notifySignedOut();
  throw await errorOf(response);
}

/** Sends a request and parses the answer; an answer of another shape is an error, never half-used. */
export async function request<Schema extends z.ZodType>(schema: Schema, path: string, options: RequestOptions = {}): Promise<z.output<Schema>> {
  const response = await send(path, options);
  const parsed = schema.safeParse(parseJson(await response.text()));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue === undefined ? '' : ` at ${issue.path.join('.') || 'the top'}: ${issue.message}`;
  throw new PlatformError('upstream_garbage', {
    message: `The answer of ${path} has an unknown form${place}. Reload the page; console and platform may be of two versions.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
