import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import { z } from 'zod';
import type { Gateway, Payee, Principal } from '#gateway';

const sourceSchema = z.looseObject({ citation: z.string(), document: z.string(), heading: z.string().nullish(), text: z.string() });
const replySchema = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullish(), sources: z.array(sourceSchema).nullish() }) })).min(1),
  usage: z
    .looseObject({
      prompt_tokens: z.number(),
      completion_tokens: z.number(),
      prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
});

export interface Asked {
  readonly answer: string;
  readonly sources: readonly z.infer<typeof sourceSchema>[];
  readonly traceId: string | null;
  readonly usage: Usage | null;
}

export interface AskOptions {
  readonly model: string;
  readonly prompt: string;
  readonly principal: Principal;
  readonly payee?: Payee;
  readonly signal: AbortSignal;
}

/** Asks a model, route or agent one question through the gateway, as a client would; throws `upstream_rejected` with its message when there is no answer. */
export async function ask(gateway: Gateway, options: AskOptions): Promise<Asked> {
  const body = Buffer.from(JSON.stringify({ model: options.model, messages: [{ role: 'user', content: options.prompt }] }));
  const reply = await gateway.invoke({
    operation: 'chat',
    body,
    principal: options.principal,
    signal: options.signal,
    ...(options.payee === undefined ? {} : { payee: options.payee }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed = reply.status === 200 ? replySchema.safeParse(parseJson(text)) : undefined;
  if (parsed?.success !== true)
    throw new PlatformError('upstream_rejected', { message: `"${options.model}" did not answer (status ${reply.status}): ${messageOf(text)}` });
  const message = parsed.data.choices[0]?.message;
  const { usage } = parsed.data;
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    answer: message?.content ?? '',
    sources: message?.sources ?? [],
    traceId: reply.headers['x-maru-trace-id'] ?? null,
    usage:
      usage === undefined || usage === null
        ? null
        : {
            inputTokens: usage.prompt_tokens - cached,
            cacheReadTokens: cached,
            cacheWriteTokens: 0,
            outputTokens: usage.completion_tokens,
            reasoningTokens: 0,
          },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const messageOf = (text: string): string => /"message"\s*:\s*"((?:[^"\\]|\\.){1,300})"/.exec(text)?.[1] ?? 'no reason given';
