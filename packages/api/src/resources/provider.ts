import { z } from 'zod';
import { secretRefSchema, urlSchema } from './quantities.ts';

/** Providers with a wire format, an address scheme or credentials of their own. */
const NATIVE = ['openai', 'azure', 'anthropic', 'gemini', 'vertex', 'bedrock', 'cohere', 'mistral'] as const;

/** Services that offer the OpenAI API. */
const SERVICES = [
  'ai21',
  'baseten',
  'cerebras',
  'cloudflare',
  'databricks',
  'deepinfra',
  'deepseek',
  'digitalocean',
  'featherless',
  'fireworks',
  'friendli',
  'github',
  'groq',
  'huggingface',
  'hyperbolic',
  'hyperclova',
  'inception',
  'jina',
  'minimax',
  'moonshot',
  'nebius',
  'novita',
  'nscale',
  'nvidia',
  'openrouter',
  'ovhcloud',
  'perplexity',
  'qwen',
  'sambanova',
  'scaleway',
  'siliconflow',
  'snowflake',
  'together',
  'upstage',
  'vercel',
  'voyage',
  'xai',
  'zhipu',
] as const;

/** Servers that a team runs itself. */
const SERVERS = ['infinity', 'llama-cpp', 'lm-studio', 'localai', 'nim', 'ollama', 'sglang', 'tensorrt-llm', 'tgi', 'vllm', 'openai-compatible'] as const;

/** Names of all providers; what is known of each stands in a table of the engines. */
export const PROVIDERS = [...NATIVE, ...SERVICES, ...SERVERS] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Credentials of AWS; where absent they come from the environment, a profile, a web identity or the container, in this order. */
const awsSchema = z.strictObject({
  accessKeyId: secretRefSchema.optional(),
  secretAccessKey: secretRefSchema.optional(),
  sessionToken: secretRefSchema.optional(),
  /** A profile of the shared credentials file. */
  profile: z.string().min(1).optional(),
  /** A role to take on, with the credentials above or those of the environment. */
  roleArn: z.string().min(1).optional(),
  externalId: z.string().min(1).optional(),
});

/** An application of Microsoft Entra; where absent it comes from the environment, a workload identity or a managed identity. */
const entraSchema = z.strictObject({
  tenantId: z.string().min(1).optional(),
  clientId: z.string().min(1).optional(),
  clientSecret: secretRefSchema.optional(),
});

/** Credentials of Google Cloud; where absent they come from GOOGLE_APPLICATION_CREDENTIALS or the metadata server. */
const googleSchema = z.strictObject({
  /** The JSON key of a service account. */
  serviceAccount: secretRefSchema,
});

/** A model of a paid provider or of any OpenAI-compatible server that Maru does not run itself. */
export const providerSchema = z.strictObject({
  name: z.enum(PROVIDERS),
  /** The vendor's name of the model, for example `gpt-5-mini`; on Azure the name of the deployment. */
  model: z.string().min(1),
  /** The model behind `model`, where that only names a deployment, as `NAME` or `PROVIDER/NAME`; prices are looked up by it. */
  baseModel: z.string().min(1).optional(),
  baseUrl: urlSchema.optional(),
  /** Several servers of the same model; each is an endpoint of its own. */
  endpoints: z.array(urlSchema).optional(),
  apiKey: secretRefSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Region of AWS, or location of Google Cloud. */
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be a region such as eu-west-1 or us-central1')
    .optional(),
  /** Project of Google Cloud. */
  project: z
    .string()
    .regex(/^[a-z0-9:.-]+$/, 'must be the id of a project')
    .optional(),
  /** Version of the Azure OpenAI API, such as `2024-10-21`; the `v1` API where absent. */
  apiVersion: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, 'must be a version such as 2024-10-21')
    .optional(),
  aws: awsSchema.optional(),
  entra: entraSchema.optional(),
  google: googleSchema.optional(),
  /** Lines of batches go to the batch API of the provider, at its price for them, and come back within a day. */
  batchApi: z.boolean().optional(),
});
