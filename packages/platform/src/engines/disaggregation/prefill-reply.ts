import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { EngineReply } from '../engine.ts';

/** The blocks of a prompt of a million tokens take some 600 kB. */
const MAX_BYTES = 8 * 1024 * 1024;

const replySchema = z.looseObject({
  usage: z
    .looseObject({ prompt_tokens: z.number().nullish(), prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish() })
    .nullish(),
  kv_transfer_params: z.looseObject({}).nullish(),
});

/** What a prefill engine has made of a prompt. */
export interface ComputedPrompt {
  /** Where its keys and values lie; passed on as they are. */
  readonly params: object;
  readonly promptTokens: number | undefined;
  /** Of the prompt, found in the cache of the prefill engine. */
  readonly cachedTokens: number;
}

/** Reads the answer of a prefill engine to its end. Throws `upstream_rejected` for an error status, `upstream_garbage` for what names no blocks. */
export async function readPrefillReply(reply: EngineReply, endpoint: string): Promise<ComputedPrompt> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw garbage(endpoint, `more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (reply.status < 200 || reply.status >= 300) {
    throw new PlatformError('upstream_rejected', {
      message: `${endpoint} answered a prefill with status ${reply.status}`,
      details: { upstreamStatus: reply.status },
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw garbage(endpoint, 'something that is not JSON', cause);
  }
  const { data } = replySchema.safeParse(value);
  const params = data?.kv_transfer_params;
  if (params === undefined || params === null) throw garbage(endpoint, 'no kv_transfer_params; start it with a KV connector, for vLLM --kv-transfer-config');
  return { params, promptTokens: data?.usage?.prompt_tokens ?? undefined, cachedTokens: data?.usage?.prompt_tokens_details?.cached_tokens ?? 0 };
}

const garbage = (endpoint: string, what: string, cause?: unknown): PlatformError =>
  new PlatformError('upstream_garbage', { message: `${endpoint} answered a prefill with ${what}`, cause });
