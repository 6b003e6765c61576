import { ERROR_CATALOGUE, type ErrorCode, PlatformError } from '@maru/api/errors';
import type { z } from 'zod';
import type { ClientConfig } from '#config';

interface ApiCall<Schema extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Checks the answer; absent where there is none. */
  readonly schema?: Schema;
  readonly signal: AbortSignal;
}

/** Talks to the control API of a running platform. */
export interface ApiClient {
  call<Schema extends z.ZodType>(call: ApiCall<Schema>): Promise<z.infer<Schema>>;
  /** Text that is read as it comes, of any length; throws `upstream_unreachable` where the connection breaks. */
  download(call: Pick<ApiCall<z.ZodType>, 'path' | 'signal'>): Promise<AsyncIterable<string>>;
}

/** Throws what the platform answered, under its own code; `upstream_unreachable` when no platform answers. */
export function createApiClient(config: ClientConfig): ApiClient {
  const send = async (call: ApiCall<z.ZodType>): Promise<Response> => {
    const response = await fetch(`${config.server}${call.path}`, {
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(config.key === undefined ? {} : { authorization: `Bearer ${config.key}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal,
    }).catch((cause: unknown) => {
      if (call.signal.aborted) throw new PlatformError('cancelled', { message: 'stopped', cause });
      throw new PlatformError('upstream_unreachable', {
        message: `no platform answers at ${config.server}; start one with "maru up", or name another with --server`,
        cause,
      });
    });
    if (!response.ok) throw toError(response.status, await response.text());
    return response;
  };

  return {
    async call(call) {
      const text = await (await send(call)).text();
      if (call.schema === undefined) return undefined as z.infer<typeof call.schema & z.ZodType>;
      return call.schema.parse(JSON.parse(text)) as z.infer<NonNullable<typeof call.schema>>;
    },
    download: async (call) => textOf(await send(call), call.signal),
  };
}

async function* textOf(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) yield decoder.decode(bytes, { stream: true });
  } catch (cause) {
    if (signal.aborted) throw new PlatformError('cancelled', { message: 'stopped', cause });
    throw new PlatformError('upstream_unreachable', { message: 'the connection to the platform broke before the answer was complete; ask again', cause });
  }
}

function toError(status: number, text: string): PlatformError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; details?: Record<string, unknown> } };
    if (error.code in ERROR_CATALOGUE)
      return new PlatformError(error.code as ErrorCode, { message: error.message, ...(error.details === undefined ? {} : { details: error.details }) });
  } catch {
    // Something that is not a Maru answered: the status is all there is to say.
  }
  return new PlatformError('upstream_garbage', { message: `the server answered with status ${status}, and not as a platform does` });
}
