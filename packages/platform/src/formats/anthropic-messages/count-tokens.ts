import { PlatformError } from '@maru/api/errors';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { EncodedRequest, TokenCounting } from '../format.ts';
import { asNumber, asObject } from '../json-value.ts';
import { encodeAnthropicRequest } from './encode-anthropic-request.ts';

/** What `/v1/messages/count_tokens` takes of a request. */
const COUNTED = ['model', 'system', 'messages', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control'];

/** `POST /v1/messages/count_tokens`. */
export const anthropicTokenCounting: TokenCounting = Object.freeze({
  encodeRequest: (request: CanonicalRequest): EncodedRequest => {
    const { body, dropped } = encodeAnthropicRequest(request);
    return { body: Object.fromEntries(COUNTED.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]]))), dropped };
  },
  decodeAnswer: (value: unknown): number => {
    const tokens = asNumber(asObject(value)['input_tokens']);
    if (tokens === undefined) throw new PlatformError('upstream_garbage', { message: 'the engine answered with something that is not a count of tokens' });
    return tokens;
  },
  encodeAnswer: (tokens: number) => ({ input_tokens: tokens }),
});
