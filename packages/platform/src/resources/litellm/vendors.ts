import type { Model } from '@maru/api/resources';

type ProviderName = NonNullable<Model['spec']['provider']>['name'];

/** What the prefix of a LiteLLM model stands for. */
export interface Vendor {
  readonly provider: ProviderName;
  /** Where an OpenAI-compatible service without a name of its own here is found. */
  readonly baseUrl?: string;
  /** Variables in which LiteLLM looks for a key that the file does not give; the first that is set. */
  readonly keys: readonly string[];
  /** The variable in which LiteLLM looks for the address. */
  readonly base?: string;
  /** Added to an address that has no path. */
  readonly version?: string;
}

const named = (provider: ProviderName, keys: string, base?: string): Vendor => ({
  provider,
  keys: keys === '' ? [] : keys.split(' '),
  ...(base === undefined ? {} : { base }),
});
const at = (baseUrl: string, keys: string, base?: string): Vendor => ({ ...named('openai-compatible', keys, base), baseUrl });
/** A provider whose address LiteLLM writes without the version. */
const unversioned = (vendor: Vendor): Vendor => ({ ...vendor, version: '/v1' });

/** Prefixes of LiteLLM. Addresses and variables: documentation of LiteLLM's providers, November 2026. */
export const VENDORS: Readonly<Record<string, Vendor>> = Object.freeze({
  openai: named('openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
  'text-completion-openai': named('openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
  azure: named('azure', 'AZURE_API_KEY AZURE_OPENAI_API_KEY', 'AZURE_API_BASE'),
  azure_text: named('azure', 'AZURE_API_KEY AZURE_OPENAI_API_KEY', 'AZURE_API_BASE'),
  azure_ai: named('openai-compatible', 'AZURE_AI_API_KEY', 'AZURE_AI_API_BASE'),
  anthropic: unversioned(named('anthropic', 'ANTHROPIC_API_KEY', 'ANTHROPIC_API_BASE')),
  gemini: named('gemini', 'GEMINI_API_KEY GOOGLE_API_KEY'),
  vertex_ai: named('vertex', ''),
  vertex_ai_beta: named('vertex', ''),
  bedrock: named('bedrock', ''),
  bedrock_converse: named('bedrock', ''),
  cohere: named('cohere', 'COHERE_API_KEY CO_API_KEY'),
  cohere_chat: named('cohere', 'COHERE_API_KEY CO_API_KEY'),
  mistral: named('mistral', 'MISTRAL_API_KEY', 'MISTRAL_API_BASE'),
  ai21: named('ai21', 'AI21_API_KEY', 'AI21_API_BASE'),
  ai21_chat: named('ai21', 'AI21_API_KEY', 'AI21_API_BASE'),
  baseten: named('baseten', 'BASETEN_API_KEY', 'BASETEN_API_BASE'),
  cerebras: named('cerebras', 'CEREBRAS_API_KEY', 'CEREBRAS_API_BASE'),
  cloudflare: named('cloudflare', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_BASE'),
  databricks: named('databricks', 'DATABRICKS_API_KEY', 'DATABRICKS_API_BASE'),
  deepinfra: named('deepinfra', 'DEEPINFRA_API_KEY', 'DEEPINFRA_API_BASE'),
  deepseek: named('deepseek', 'DEEPSEEK_API_KEY', 'DEEPSEEK_API_BASE'),
  featherless_ai: named('featherless', 'FEATHERLESS_AI_API_KEY', 'FEATHERLESS_API_BASE'),
  fireworks_ai: named('fireworks', 'FIREWORKS_API_KEY FIREWORKS_AI_API_KEY', 'FIREWORKS_API_BASE'),
  friendliai: named('friendli', 'FRIENDLIAI_API_KEY FRIENDLI_TOKEN', 'FRIENDLI_API_BASE'),
  github: named('github', 'GITHUB_API_KEY', 'GITHUB_API_BASE'),
  groq: named('groq', 'GROQ_API_KEY', 'GROQ_API_BASE'),
  huggingface: named('huggingface', 'HF_TOKEN HUGGINGFACE_API_KEY', 'HF_API_BASE'),
  hyperbolic: named('hyperbolic', 'HYPERBOLIC_API_KEY', 'HYPERBOLIC_API_BASE'),
  inception: named('inception', 'INCEPTION_API_KEY', 'INCEPTION_API_BASE'),
  jina_ai: named('jina', 'JINA_AI_API_KEY', 'JINA_AI_API_BASE'),
  lambda_ai: at('https://api.lambda.ai/v1', 'LAMBDA_API_KEY', 'LAMBDA_API_BASE'),
  minimax: named('minimax', 'MINIMAX_API_KEY', 'MINIMAX_API_BASE'),
  moonshot: named('moonshot', 'MOONSHOT_API_KEY', 'MOONSHOT_API_BASE'),
  nebius: named('nebius', 'NEBIUS_API_KEY', 'NEBIUS_API_BASE'),
  novita: named('novita', 'NOVITA_API_KEY', 'NOVITA_API_BASE'),
  nscale: named('nscale', 'NSCALE_API_KEY', 'NSCALE_API_BASE'),
  nvidia_nim: named('nvidia', 'NVIDIA_NIM_API_KEY', 'NVIDIA_NIM_API_BASE'),
  openrouter: named('openrouter', 'OPENROUTER_API_KEY', 'OPENROUTER_API_BASE'),
  ovhcloud: named('ovhcloud', 'OVHCLOUD_API_KEY', 'OVHCLOUD_API_BASE'),
  perplexity: named('perplexity', 'PERPLEXITYAI_API_KEY PERPLEXITY_API_KEY', 'PERPLEXITY_API_BASE'),
  dashscope: named('qwen', 'DASHSCOPE_API_KEY', 'DASHSCOPE_API_BASE'),
  sambanova: named('sambanova', 'SAMBANOVA_API_KEY', 'SAMBANOVA_API_BASE'),
  scaleway: named('scaleway', 'SCW_SECRET_KEY'),
  snowflake: named('snowflake', 'SNOWFLAKE_JWT', 'SNOWFLAKE_API_BASE'),
  together_ai: named('together', 'TOGETHER_API_KEY TOGETHER_AI_API_KEY TOGETHERAI_API_KEY', 'TOGETHER_AI_API_BASE'),
  vercel_ai_gateway: named('vercel', 'VERCEL_AI_GATEWAY_API_KEY', 'VERCEL_AI_GATEWAY_API_BASE'),
  voyage: named('voyage', 'VOYAGE_API_KEY', 'VOYAGE_API_BASE'),
  xai: named('xai', 'XAI_API_KEY', 'XAI_API_BASE'),
  zai: named('zhipu', 'ZAI_API_KEY', 'ZAI_API_BASE'),
  hosted_vllm: named('vllm', 'HOSTED_VLLM_API_KEY', 'HOSTED_VLLM_API_BASE'),
  vllm: named('vllm', 'HOSTED_VLLM_API_KEY', 'HOSTED_VLLM_API_BASE'),
  infinity: named('infinity', 'INFINITY_API_KEY', 'INFINITY_API_BASE'),
  llamafile: named('llama-cpp', 'LLAMAFILE_API_KEY', 'LLAMAFILE_API_BASE'),
  lm_studio: named('lm-studio', 'LM_STUDIO_API_KEY', 'LM_STUDIO_API_BASE'),
  ollama: unversioned(named('ollama', 'OLLAMA_API_KEY', 'OLLAMA_API_BASE')),
  ollama_chat: unversioned(named('ollama', 'OLLAMA_API_KEY', 'OLLAMA_API_BASE')),
  openai_like: named('openai-compatible', 'OPENAI_LIKE_API_KEY', 'OPENAI_LIKE_API_BASE'),
  custom_openai: named('openai-compatible', 'OPENAI_LIKE_API_KEY', 'OPENAI_LIKE_API_BASE'),
  litellm_proxy: named('openai-compatible', 'LITELLM_PROXY_API_KEY', 'LITELLM_PROXY_API_BASE'),
  xinference: at('http://127.0.0.1:9997/v1', 'XINFERENCE_API_KEY', 'XINFERENCE_API_BASE'),
  docker_model_runner: at('http://localhost:22088/engines/llama.cpp/v1', 'DOCKER_MODEL_RUNNER_API_KEY', 'DOCKER_MODEL_RUNNER_API_BASE'),
  codestral: at('https://codestral.mistral.ai/v1', 'CODESTRAL_API_KEY', 'CODESTRAL_API_BASE'),
  volcengine: at('https://ark.cn-beijing.volces.com/api/v3', 'VOLCENGINE_API_KEY', 'VOLCENGINE_API_BASE'),
  meta_llama: at('https://api.llama.com/compat/v1', 'LLAMA_API_KEY', 'LLAMA_API_BASE'),
  wandb: at('https://api.inference.wandb.ai/v1', 'WANDB_API_KEY', 'WANDB_API_BASE'),
  v0: at('https://api.v0.dev/v1', 'V0_API_KEY', 'V0_API_BASE'),
  modelscope: at('https://api-inference.modelscope.cn/v1', 'MODELSCOPE_API_KEY', 'MODELSCOPE_API_BASE'),
  helicone: at('https://ai-gateway.helicone.ai/v1', 'HELICONE_API_KEY'),
  poe: at('https://api.poe.com/v1', 'POE_API_KEY'),
  publicai: at('https://api.publicai.co/v1', 'PUBLICAI_API_KEY', 'PUBLICAI_API_BASE'),
  synthetic: at('https://api.synthetic.new/openai/v1', 'SYNTHETIC_API_KEY'),
});

/** Names without a prefix, as LiteLLM knows them. */
const BARE: readonly (readonly [RegExp, string])[] = [
  [/^claude/, 'anthropic'],
  [/^gemini/, 'gemini'],
  [/^(mistral|codestral|ministral|pixtral|magistral)-/, 'mistral'],
];

/** The vendor of a model and the vendor's name of it; the vendor is undefined for a prefix that is not known. */
export function findVendor(
  model: string,
  custom: string | undefined,
): { readonly prefix: string; readonly vendor: Vendor | undefined; readonly model: string } {
  const slash = model.indexOf('/');
  const first = slash < 0 ? '' : model.slice(0, slash);
  const rest = model.slice(slash + 1);
  if (custom !== undefined && custom !== '') return { prefix: custom, vendor: VENDORS[custom], model: first === custom ? rest : model };
  if (slash >= 0) return { prefix: first, vendor: VENDORS[first], model: rest };
  const prefix = BARE.find(([name]) => name.test(model))?.[1] ?? 'openai';
  return { prefix, vendor: VENDORS[prefix], model };
}
