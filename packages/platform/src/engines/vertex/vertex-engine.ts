import type { Engine } from '../engine.ts';
import type { Authorize } from '../transport/authorize.ts';
import { editFields } from '../transport/edit-fields.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface VertexOptions extends TransportOptions {
  readonly authorize: Authorize;
}

/** Calls Vertex AI: Gemini in its own format, Claude in the format of Anthropic. `baseUrl` goes up to and with the location. */
export function createVertexEngine(options: VertexOptions): Engine {
  const { servedName } = options;
  const claude = servedName.startsWith('claude');
  const model = `/publishers/${claude ? 'anthropic' : 'google'}/models/${encodeURIComponent(servedName)}`;
  return createTransport(options, {
    speaks: claude ? ['anthropic-messages'] : ['gemini'],
    authorize: options.authorize,
    target({ operation, format, stream, body }, prefix) {
      if (operation !== 'chat' || (format !== 'gemini' && format !== 'anthropic-messages') || (format === 'anthropic-messages') !== claude) return undefined;
      if (!claude) return { path: `${prefix}${model}${stream ? ':streamGenerateContent?alt=sse' : ':generateContent'}` };
      // Vertex says the model in the path and the version in the body, and refuses the model in the body.
      const edited = editFields(body, { omits: ['model'], sets: { anthropic_version: 'vertex-2023-10-16' } });
      return { path: `${prefix}${model}${stream ? ':streamRawPredict' : ':rawPredict'}`, body: edited };
    },
    pass(operation, prefix) {
      if (operation !== 'count-tokens') return undefined;
      return { path: claude ? `${prefix}/publishers/anthropic/models/count-tokens:rawPredict` : `${prefix}${model}:countTokens` };
    },
  });
}
