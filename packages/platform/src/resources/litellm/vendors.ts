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
}

const named = (provider: ProviderName, keys: string, base?: string): Vendor => ({ provider, keys: keys.split(' '), ...(base === undefined ? {} : { base }) });
const at = (baseUrl: string, keys: string, base?: string): Vendor => ({
  provider: 'openai-compatible',
  baseUrl,
  keys: keys.split(' '),
  ...(base === undefined ? {} : { base }),
});

/** Prefixes of LiteLLM. Addresses and variables: documentation of LiteLLM's providers, November 2026. */
export const VENDORS: Readonly<Record<string, Vendor>> = Object.freeze({
  openai: named('openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
  'text-completion-openai': named('openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'),
  anthropic: named('anthropic', 'ANTHROPIC_API_KEY', 'ANTHROPIC_API_BASE'),
  gemini: named('gemini', 'GEMINI_API_KEY GOOGLE_API_KEY'),
  openai_like: named('openai-compatible', 'OPENAI_LIKE_API_KEY', 'OPENAI_LIKE_API_BASE'),
  custom_openai: named('openai-compatible', 'OPENAI_LIKE_API_KEY', 'OPENAI_LIKE_API_BASE'),
  hosted_vllm: named('openai-compatible', 'HOSTED_VLLM_API_KEY', 'HOSTED_VLLM_API_BASE'),
  vllm: named('openai-compatible', 'HOSTED_VLLM_API_KEY', 'HOSTED_VLLM_API_BASE'),
  groq: at('https://api.groq.com/openai/v1', 'GROQ_API_KEY', 'GROQ_API_BASE'),
  mistral: at('https://api.mistral.ai/v1', 'MISTRAL_API_KEY', 'MISTRAL_API_BASE'),
  together_ai: at('https://api.together.xyz/v1', 'TOGETHER_API_KEY TOGETHER_AI_API_KEY TOGETHERAI_API_KEY', 'TOGETHER_AI_API_BASE'),
  fireworks_ai: at('https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY FIREWORKS_AI_API_KEY', 'FIREWORKS_API_BASE'),
  deepseek: at('https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY', 'DEEPSEEK_API_BASE'),
  xai: at('https://api.x.ai/v1', 'XAI_API_KEY', 'XAI_API_BASE'),
  openrouter: at('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY', 'OPENROUTER_API_BASE'),
  perplexity: at('https://api.perplexity.ai', 'PERPLEXITYAI_API_KEY PERPLEXITY_API_KEY', 'PERPLEXITY_API_BASE'),
  deepinfra: at('https://api.deepinfra.com/v1/openai', 'DEEPINFRA_API_KEY', 'DEEPINFRA_API_BASE'),
  cerebras: at('https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY', 'CEREBRAS_API_BASE'),
  sambanova: at('https://api.sambanova.ai/v1', 'SAMBANOVA_API_KEY', 'SAMBANOVA_API_BASE'),
  nvidia_nim: at('https://integrate.api.nvidia.com/v1', 'NVIDIA_NIM_API_KEY', 'NVIDIA_NIM_API_BASE'),
  ollama: at('http://localhost:11434/v1', 'OLLAMA_API_KEY', 'OLLAMA_API_BASE'),
  ollama_chat: at('http://localhost:11434/v1', 'OLLAMA_API_KEY', 'OLLAMA_API_BASE'),
  lm_studio: at('http://localhost:1234/v1', 'LM_STUDIO_API_KEY', 'LM_STUDIO_API_BASE'),
  llamafile: at('http://127.0.0.1:8080/v1', 'LLAMAFILE_API_KEY', 'LLAMAFILE_API_BASE'),
  xinference: at('http://127.0.0.1:9997/v1', 'XINFERENCE_API_KEY', 'XINFERENCE_API_BASE'),
  docker_model_runner: at('http://localhost:22088/engines/llama.cpp/v1', 'DOCKER_MODEL_RUNNER_API_KEY', 'DOCKER_MODEL_RUNNER_API_BASE'),
  moonshot: at('https://api.moonshot.ai/v1', 'MOONSHOT_API_KEY', 'MOONSHOT_API_BASE'),
  dashscope: at('https://dashscope-intl.aliyuncs.com/compatible-mode/v1', 'DASHSCOPE_API_KEY', 'DASHSCOPE_API_BASE'),
  volcengine: at('https://ark.cn-beijing.volces.com/api/v3', 'VOLCENGINE_API_KEY', 'VOLCENGINE_API_BASE'),
  zai: at('https://api.z.ai/api/paas/v4', 'ZAI_API_KEY', 'ZAI_API_BASE'),
  minimax: at('https://api.minimax.io/v1', 'MINIMAX_API_KEY', 'MINIMAX_API_BASE'),
  novita: at('https://api.novita.ai/v3/openai', 'NOVITA_API_KEY', 'NOVITA_API_BASE'),
  nebius: at('https://api.studio.nebius.ai/v1', 'NEBIUS_API_KEY', 'NEBIUS_API_BASE'),
  nscale: at('https://inference.api.nscale.com/v1', 'NSCALE_API_KEY', 'NSCALE_API_BASE'),
  hyperbolic: at('https://api.hyperbolic.xyz/v1', 'HYPERBOLIC_API_KEY', 'HYPERBOLIC_API_BASE'),
  lambda_ai: at('https://api.lambda.ai/v1', 'LAMBDA_API_KEY', 'LAMBDA_API_BASE'),
  friendliai: at('https://api.friendli.ai/serverless/v1', 'FRIENDLIAI_API_KEY FRIENDLI_TOKEN', 'FRIENDLI_API_BASE'),
  featherless_ai: at('https://api.featherless.ai/v1', 'FEATHERLESS_AI_API_KEY', 'FEATHERLESS_API_BASE'),
  baseten: at('https://inference.baseten.co/v1', 'BASETEN_API_KEY', 'BASETEN_API_BASE'),
  github: at('https://models.inference.ai.azure.com', 'GITHUB_API_KEY', 'GITHUB_API_BASE'),
  meta_llama: at('https://api.llama.com/compat/v1', 'LLAMA_API_KEY', 'LLAMA_API_BASE'),
  ai21: at('https://api.ai21.com/studio/v1', 'AI21_API_KEY', 'AI21_API_BASE'),
  codestral: at('https://codestral.mistral.ai/v1', 'CODESTRAL_API_KEY', 'CODESTRAL_API_BASE'),
  voyage: at('https://api.voyageai.com/v1', 'VOYAGE_API_KEY', 'VOYAGE_API_BASE'),
  jina_ai: at('https://api.jina.ai/v1', 'JINA_AI_API_KEY', 'JINA_AI_API_BASE'),
  vercel_ai_gateway: at('https://ai-gateway.vercel.sh/v1', 'VERCEL_AI_GATEWAY_API_KEY', 'VERCEL_AI_GATEWAY_API_BASE'),
  wandb: at('https://api.inference.wandb.ai/v1', 'WANDB_API_KEY', 'WANDB_API_BASE'),
  scaleway: at('https://api.scaleway.ai/v1', 'SCW_SECRET_KEY'),
  ovhcloud: at('https://oai.endpoints.kepler.ai.cloud.ovh.net/v1', 'OVHCLOUD_API_KEY', 'OVHCLOUD_API_BASE'),
  huggingface: at('https://router.huggingface.co/v1', 'HF_TOKEN HUGGINGFACE_API_KEY', 'HF_API_BASE'),
  v0: at('https://api.v0.dev/v1', 'V0_API_KEY', 'V0_API_BASE'),
  modelscope: at('https://api-inference.modelscope.cn/v1', 'MODELSCOPE_API_KEY', 'MODELSCOPE_API_BASE'),
  inception: at('https://api.inceptionlabs.ai/v1', 'INCEPTION_API_KEY', 'INCEPTION_API_BASE'),
  helicone: at('https://ai-gateway.helicone.ai/v1', 'HELICONE_API_KEY'),
  poe: at('https://api.poe.com/v1', 'POE_API_KEY'),
  publicai: at('https://api.publicai.co/v1', 'PUBLICAI_API_KEY', 'PUBLICAI_API_BASE'),
  synthetic: at('https://api.synthetic.new/openai/v1', 'SYNTHETIC_API_KEY'),
  litellm_proxy: named('openai-compatible', 'LITELLM_PROXY_API_KEY', 'LITELLM_PROXY_API_BASE'),
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
