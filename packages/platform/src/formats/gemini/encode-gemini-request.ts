import type { CanonicalRequest, OutputFormat } from '../canonical/request.ts';
import { DropList } from '../drop-list.ts';
import type { EncodedRequest } from '../format.ts';
import { compact, type JsonObject } from '../json-value.ts';
import { encodeContents } from './encode-gemini-contents.ts';
import { encodeThinking } from './gemini-thinking.ts';
import { encodeGeminiTools } from './gemini-tools.ts';

const CONFIG = 'generationConfig.';

/** Body of `generateContent`; model and stream stand in the path. */
export function encodeGeminiRequest(request: CanonicalRequest): EncodedRequest {
  const drops = new DropList('gemini');
  drops.fields(request, ['logitBias', 'verbosity', 'choices', 'cache', 'cacheKey', 'user', 'metadata', 'serviceTier']);
  const { system, contents } = encodeContents(request, drops);
  const own = Object.entries(drops.extra(request));
  const config = compact({
    ...encodeOutput(request.output),
    stopSequences: request.stop,
    seed: request.seed,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    responseLogprobs: request.logprobs,
    logprobs: request.topLogprobs,
    maxOutputTokens: request.maxTokens,
    thinkingConfig: request.reasoning === undefined ? undefined : encodeThinking(request.reasoning, request.model, drops),
    ...Object.fromEntries(own.filter(([name]) => name.startsWith(CONFIG)).map(([name, value]) => [name.slice(CONFIG.length), value])),
  });
  const body = compact({
    contents,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    ...encodeGeminiTools(request, drops),
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
    ...Object.fromEntries(own.filter(([name]) => !name.startsWith(CONFIG))),
  });
  return { body, dropped: drops.items };
}

function encodeOutput(output: OutputFormat | undefined): JsonObject {
  if (output === undefined || output.type === 'text') return {};
  if (output.type === 'json') return { responseMimeType: 'application/json' };
  return { responseMimeType: 'application/json', responseJsonSchema: output.schema };
}
