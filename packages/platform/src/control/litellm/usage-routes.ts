import { PlatformError } from '@maru/api/errors';
import { nanoToUsd, type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { listDeployments } from './deployment-shape.ts';
import type { LitellmPorts } from './ports.ts';

const count = z.number().int().nonnegative();
const usageSchema = z.looseObject({
  prompt_tokens: count.default(0),
  completion_tokens: count.default(0),
  prompt_tokens_details: z.looseObject({ cached_tokens: count.nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: count.nullish() }).nullish(),
});
const messages = z.array(z.looseObject({ content: z.unknown() }));

/** What a request would cost and how long it is, before it is sent. */
export function usageRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const modelOf = (name: string): string => {
    const deployments = listDeployments(ports.registry);
    const found = deployments.find(
      ({ group, route: behind }) => group === name || behind?.metadata.name === name || behind?.spec.aliases.includes(name) === true,
    );
    return found?.model.metadata.name ?? name;
  };

  return [
    route({
      method: 'POST',
      path: '/spend/calculate',
      summary: 'LiteLLM: what a request or an answer costs now; null where no price is known',
      access: 'key',
      body: z.looseObject({
        model: z.string().min(1).nullish(),
        messages: messages.nullish(),
        completion_response: z.looseObject({ model: z.string().nullish(), usage: usageSchema.nullish() }).nullish(),
      }),
      handle: ({ body }) => {
        const { completion_response: answer } = body;
        const model = body.model ?? answer?.model;
        const usage = answer?.usage ?? undefined;
        if (typeof model !== 'string' || (usage === undefined && (body.messages === null || body.messages === undefined)))
          throw new PlatformError('invalid_request', { message: 'send model and messages, or completion_response with model and usage' });
        const used = usage === undefined ? { ...ZERO_USAGE, inputTokens: tokensOf(body.messages ?? []) } : toUsage(usage);
        const cost = ports.costNanoUsd(modelOf(model), used);
        return { json: { cost: cost === null ? null : nanoToUsd(cost) } };
      },
    }),
    route({
      method: 'POST',
      path: '/utils/token_counter',
      summary: 'LiteLLM: how many tokens a prompt has, by its length; the count of a provider comes with its answer',
      access: 'key',
      body: z.looseObject({ model: z.string().min(1), prompt: z.string().nullish(), messages: messages.nullish() }),
      handle: ({ body }) => {
        if (typeof body.prompt !== 'string' && !Array.isArray(body.messages))
          throw new PlatformError('invalid_request', { message: 'send prompt or messages', details: { param: 'messages' } });
        const text = typeof body.prompt === 'string' ? tokensOfText(body.prompt) : tokensOf(body.messages ?? []);
        return {
          json: {
            total_tokens: text,
            request_model: body.model,
            model_used: modelOf(body.model),
            tokenizer_type: 'estimate',
            count_source: 'local_estimate',
            error: false,
          },
        };
      },
    }),
  ];
}

function toUsage(usage: z.infer<typeof usageSchema>): Usage {
  const cached = Math.min(usage.prompt_tokens, usage.prompt_tokens_details?.cached_tokens ?? 0);
  const reasoning = Math.min(usage.completion_tokens, usage.completion_tokens_details?.reasoning_tokens ?? 0);
  return {
    ...ZERO_USAGE,
    inputTokens: usage.prompt_tokens - cached,
    cacheReadTokens: cached,
    outputTokens: usage.completion_tokens - reasoning,
    reasoningTokens: reasoning,
  };
}

/** Tokens that the form of a message costs beside its text. */
const TOKENS_PER_MESSAGE = 3;
const tokensOf = (list: readonly { readonly content?: unknown }[]): number =>
  list.reduce((sum, { content }) => sum + TOKENS_PER_MESSAGE + tokensOfText(typeof content === 'string' ? content : JSON.stringify(content ?? '')), 0);

/** Four bytes of text are about a token, in most scripts. */
const tokensOfText = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
