import type { Model, Route } from '@maru/api/resources';
import type { Registry } from '#resources';

/** A Model behind a Route, as LiteLLM calls it. */
export interface Deployment {
  readonly id: string;
  readonly group: string;
  readonly model: Model;
  /** Undefined for a Model that is called by its own name. */
  readonly route: Route | undefined;
}

/** Every deployment of a provider: the entries of a LiteLLM configuration, and Models of YAML with the name that clients call them by. */
export function listDeployments(registry: Registry): readonly Deployment[] {
  const routes = registry.list('Route');
  return registry.list('Model').map((model) => {
    const { name, annotations = {} } = model.metadata;
    const route = routes.find((each) => each.spec.backends.some((backend) => backend.model === name));
    const group = annotations['litellm.ai/model-name'] ?? name;
    return { id: annotations['litellm.ai/model-id'] ?? name, group, model, route };
  });
}

/** US dollars per token that the price book knows of a Model; null where it knows none. */
export type PriceOf = (model: string, bucket: 'inputTokens' | 'outputTokens') => number | null;

/** A deployment in the shape of `/model/info`; secrets are not part of it. */
export function toLitellmModel({ id, group, model }: Deployment, priceOf: PriceOf): Record<string, unknown> {
  const { provider, serving, price, contextWindow, capabilities } = model.spec;
  const annotations = model.metadata.annotations ?? {};
  const perToken = (usd: number | undefined, bucket: 'inputTokens' | 'outputTokens'): number | null =>
    usd === undefined ? priceOf(model.metadata.name, bucket) : usd / 1e6;
  return {
    model_name: group,
    litellm_params: {
      ...(provider?.baseUrl === undefined ? {} : { api_base: provider.baseUrl }),
      ...readJson(annotations['litellm.ai/params']),
      model:
        annotations['litellm.ai/model'] ?? `${provider?.name ?? serving?.engine ?? 'maru'}/${provider?.model ?? serving?.servedName ?? model.metadata.name}`,
    },
    model_info: {
      mode: modeOf(capabilities),
      db_model: annotations['litellm.ai/source'] === 'api',
      key: provider?.model ?? model.metadata.name,
      max_input_tokens: contextWindow ?? null,
      input_cost_per_token: perToken(price?.inputUsdPerMillion, 'inputTokens'),
      output_cost_per_token: perToken(price?.outputUsdPerMillion, 'outputTokens'),
      litellm_provider: provider?.name ?? serving?.engine ?? null,
      supports_vision: capabilities.includes('vision'),
      supports_function_calling: capabilities.includes('tools'),
      ...readJson(annotations['litellm.ai/model-info']),
      id,
    },
  };
}

/** Deployments of one name together, in the shape of `/model_group/info`. */
export function toModelGroup(group: string, deployments: readonly Deployment[], priceOf: PriceOf): Record<string, unknown> {
  const infos = deployments.map((deployment) => toLitellmModel(deployment, priceOf)['model_info'] as Record<string, unknown>);
  const most = (name: string): number | null =>
    infos.reduce<number | null>((best, info) => (typeof info[name] === 'number' ? Math.max(best ?? 0, info[name]) : best), null);
  const limits = deployments.flatMap(({ model, route }) => route?.spec.backends.filter((backend) => backend.model === model.metadata.name) ?? []);
  const sum = (name: 'rpm' | 'tpm'): number | null =>
    limits.reduce<number | null>((total, backend) => (backend[name] === undefined ? total : (total ?? 0) + backend[name]), null);
  return {
    model_group: group,
    providers: [...new Set(infos.map((info) => info['litellm_provider']))],
    max_input_tokens: most('max_input_tokens'),
    max_output_tokens: most('max_output_tokens'),
    input_cost_per_token: most('input_cost_per_token'),
    output_cost_per_token: most('output_cost_per_token'),
    mode: infos[0]?.['mode'] ?? 'chat',
    tpm: sum('tpm'),
    rpm: sum('rpm'),
    supports_parallel_function_calling: infos.some((info) => info['supports_function_calling'] === true),
    supports_vision: infos.some((info) => info['supports_vision'] === true),
    supports_function_calling: infos.some((info) => info['supports_function_calling'] === true),
    supported_openai_params: OPENAI_PARAMS,
  };
}

const MODES = [
  ['chat', 'chat'],
  ['completions', 'completion'],
  ['embeddings', 'embedding'],
  ['images', 'image_generation'],
  ['transcriptions', 'audio_transcription'],
  ['speech', 'audio_speech'],
  ['rerank', 'rerank'],
  ['moderations', 'moderation'],
] as const;

const modeOf = (capabilities: Model['spec']['capabilities']): string => MODES.find(([capability]) => capabilities.includes(capability))?.[1] ?? 'chat';

function readJson(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // An annotation that somebody has changed by hand shows nothing instead of failing.
    return {};
  }
}

/** Every model takes them: what its provider can not be told is an error, or let go with a warning. */
export const OPENAI_PARAMS = [
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'presence_penalty',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'user',
];
