import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { disaggregationSchema } from './disaggregation.ts';
import { dynamoSchema } from './dynamo.ts';
import { nameSchema } from './metadata.ts';
import { modelFlowControlSchema } from './model-flow-control.ts';
import { providerSchema } from './provider.ts';
import { durationSchema, quantitySchema } from './quantities.ts';
import { requestDefaultsSchema } from './request-defaults.ts';
import { servingEndpointsSchema } from './serving-endpoints.ts';
import { twinMechanismsSchema } from './twin-mechanisms.ts';

/** What a model can be asked for. */
const CAPABILITIES = [
  'chat',
  'completions',
  'embeddings',
  'tools',
  'vision',
  'json',
  'reasoning',
  'moderations',
  'images',
  'speech',
  'transcriptions',
  'rerank',
  'score',
] as const;
/**
 * How a model is asked to go on with an answer that has begun elsewhere: by a last message of the assistant alone, by vLLM's
 * `continue_final_message`, or by a field `prefix` or `partial` of that message.
 */
const CONTINUATIONS = ['prefill', 'continue-final-message', 'prefix', 'partial'] as const;
export type ContinuationWay = (typeof CONTINUATIONS)[number];
export const ENGINES = ['vllm', 'sglang', 'tensorrt-llm', 'dynamo', 'twin', 'reader'] as const;

/** US dollars per million tokens; overrides the price book. */
const priceSchema = z.strictObject({
  inputUsdPerMillion: z.number().nonnegative(),
  outputUsdPerMillion: z.number().nonnegative(),
  cacheReadUsdPerMillion: z.number().nonnegative().optional(),
  cacheWriteUsdPerMillion: z.number().nonnegative().optional(),
  reasoningUsdPerMillion: z.number().nonnegative().optional(),
  cacheWriteLongUsdPerMillion: z.number().nonnegative().optional(),
  audioInputUsdPerMillion: z.number().nonnegative().optional(),
  audioOutputUsdPerMillion: z.number().nonnegative().optional(),
  imageInputUsdPerMillion: z.number().nonnegative().optional(),
  imageOutputUsdPerMillion: z.number().nonnegative().optional(),
  /** Each image that is made. */
  usdPerImage: z.number().nonnegative().optional(),
  /** Each second of sound or video. */
  usdPerSecond: z.number().nonnegative().optional(),
  /** Text that is spoken. */
  charactersUsdPerMillion: z.number().nonnegative().optional(),
  searchUnitsUsdPerThousand: z.number().nonnegative().optional(),
  webSearchesUsdPerThousand: z.number().nonnegative().optional(),
  /** Prices for requests with more prompt tokens than this, as a whole. */
  above: z
    .array(
      z.strictObject({
        promptTokens: z.number().int().positive(),
        inputUsdPerMillion: z.number().nonnegative(),
        outputUsdPerMillion: z.number().nonnegative(),
        cacheReadUsdPerMillion: z.number().nonnegative().optional(),
        cacheWriteUsdPerMillion: z.number().nonnegative().optional(),
        reasoningUsdPerMillion: z.number().nonnegative().optional(),
      }),
    )
    .max(10)
    .optional(),
});

/** Published figures of a transformer, where the catalogue does not know the model. */
const architectureSchema = z.strictObject({
  parameters: z.number().positive(),
  activeParameters: z.number().positive().optional(),
  layers: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  kvHeads: z.number().int().positive(),
  headDim: z.number().int().positive(),
  /** Bytes per weight: 2 for bf16, 1 for fp8, 0.5 for 4 bit. */
  bytesPerWeight: z.number().positive().default(2),
  bytesPerKv: z.number().positive().default(2),
});

/** A model that Maru runs: in this process (twin, reader) or on Kubernetes. */
const servingSchema = z.strictObject({
  engine: z.enum(ENGINES),
  image: z.string().optional(),
  /** Where the weights come from: `hf://org/name`, `s3://bucket/path` or `pvc://claim/path`. */
  source: z.string().optional(),
  /** The name that the engine itself serves; the resource's name where absent. */
  servedName: z.string().optional(),
  /** Reader only: the text of every answer, in place of what it would read; for trials without a model. */
  answer: z.string().min(1).max(100_000).optional(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  parallelism: z
    .strictObject({
      tensor: z.number().int().min(1).default(1),
      pipeline: z.number().int().min(1).default(1),
      data: z.number().int().min(1).default(1),
      expert: z.number().int().min(1).default(1),
    })
    .default({ tensor: 1, pipeline: 1, data: 1, expert: 1 }),
  disaggregation: disaggregationSchema.optional(),
  /** Settings of the engine dynamo. */
  dynamo: dynamoSchema.optional(),
  replicas: z.number().int().min(0).default(1),
  autoscaling: z
    .strictObject({
      minReplicas: z.number().int().min(0).default(1),
      maxReplicas: z.number().int().min(1),
      /** Waiting requests per replica that trigger a scale-up. */
      targetQueue: z.number().positive().default(5),
      /** KV cache use (0 to 1) that triggers a scale-up. */
      targetKvUse: z.number().positive().max(1).default(0.8),
      scaleDownAfter: durationSchema.default('5m'),
    })
    .optional(),
  gpu: z
    .strictObject({
      pool: nameSchema.optional(),
      /** GPU kind such as `H100`, `A10G`, `L40S`. */
      kind: z.string().optional(),
      count: z.number().int().min(1).default(1),
      /** A MIG profile such as `3g.40gb`, where a slice is enough. */
      migProfile: z.string().optional(),
    })
    .optional(),
  resources: z.strictObject({ cpu: quantitySchema.optional(), memory: quantitySchema.optional() }).optional(),
  /** Replicas that are run elsewhere, or by an operator: where they are found, and what is known of their caches. */
  endpoints: servingEndpointsSchema.optional(),
  /**
   * Settings of the engine twin: which timing profile, how many KV blocks. With another engine, twins stand in for replicas outside of a
   * cluster, where no endpoints are given.
   */
  twin: z
    .strictObject({
      profile: z.string().default('h100-llama-3.1-8b'),
      kvBlocks: z.number().int().positive().optional(),
      blockSize: z.number().int().positive().default(16),
      maxNumSeqs: z.number().int().positive().default(256),
      maxBatchedTokens: z.number().int().positive().default(8192),
      /** How fast time passes: 1 is real time, 10 answers ten times as fast. */
      speed: z.number().positive().default(1),
      /** Figures that take the place of those of the profile, as `maru twin fit` finds them on your own hardware. */
      timing: z
        .strictObject({
          prefillTokensPerS: z.number().positive(),
          attentionNsPerPair: z.number().nonnegative(),
          weightReadMs: z.number().nonnegative(),
          kvReadNsPerToken: z.number().nonnegative(),
          perSequenceMs: z.number().nonnegative(),
          stepOverheadMs: z.number().nonnegative(),
          requestOverheadMs: z.number().nonnegative(),
          kvTokens: z.number().int().positive(),
        })
        .partial()
        .optional(),
      /** What the engine does beside batching and caching prefixes; each part takes the place of that of the profile. */
      mechanisms: twinMechanismsSchema.optional(),
      /** The way of keys and values from a prefill replica to a decode replica. */
      kvTransfer: z
        .strictObject({
          gigabytesPerS: z.number().positive().default(25),
          latencyMs: z.number().nonnegative().default(2),
          /** Of one token; by the architecture where absent, else those of Llama 3.1 8B in 16 bits. */
          bytesPerToken: z.number().int().positive().optional(),
          /** Lets every n-th transfer of a replica fail, so that the decode replica computes the prompt itself. */
          failEvery: z.number().int().positive().optional(),
        })
        .optional(),
    })
    .optional(),
  prefixCaching: z.boolean().default(true),
  maxModelLen: z.number().int().positive().optional(),
});

const modelSpecSchema = z
  .strictObject({
    description: z.string().optional(),
    provider: providerSchema.optional(),
    serving: servingSchema.optional(),
    /** What the model can do; requests that need more are refused before they cost anything. */
    capabilities: z.array(z.enum(CAPABILITIES)).default(['chat', 'completions', 'tools']),
    contextWindow: z.number().int().positive().optional(),
    /** Fields of a request, in the words of OpenAI's API, that are sent where a client does not set them, for example `temperature`. */
    defaults: requestDefaultsSchema.optional(),
    architecture: architectureSchema.optional(),
    price: priceSchema.optional(),
    /** Share of the price that requests of a batch are charged, for example 50 where the provider halves it; all of it where absent. */
    batchPercent: z.number().min(0).max(100).optional(),
    timeout: durationSchema.default('300s'),
    /** How it goes on with an answer that broke off elsewhere, for Routes with `continuation`; what is known of its provider or engine where absent. */
    continuation: z.enum(['none', ...CONTINUATIONS]).optional(),
    /** Requests wait in the gateway while all replicas are full; the usual settings where absent. */
    flowControl: modelFlowControlSchema.optional(),
    /** Whether requests may name it. Off: only Routes, agents and other resources reach it, so that nobody goes around what they check. */
    direct: z.boolean().default(true),
  })
  .refine((spec) => spec.serving?.dynamo === undefined || spec.serving.engine === 'dynamo', {
    message: 'only the engine "dynamo" has them',
    path: ['serving', 'dynamo'],
  })
  .refine((spec) => spec.serving?.answer === undefined || spec.serving.engine === 'reader', {
    message: 'only the engine "reader" answers with a text of its own',
    path: ['serving', 'answer'],
  })
  .refine((spec) => (spec.provider === undefined) !== (spec.serving === undefined), {
    message: 'needs exactly one of "provider" (a model of a vendor) and "serving" (a model that Maru runs)',
  })
  // The same rules for the API server, which can not run the refinements.
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.provider) != has(self.serving)', message: 'needs exactly one of "provider" and "serving"' },
      {
        rule: "!has(self.serving) || !has(self.serving.answer) || self.serving.engine == 'reader'",
        message: 'only the engine "reader" answers with a text of its own',
      },
      {
        rule: "!has(self.serving) || !has(self.serving.dynamo) || self.serving.engine == 'dynamo'",
        message: 'only the engine "dynamo" has settings of Dynamo',
      },
    ],
  });
export type ModelSpec = z.infer<typeof modelSpecSchema>;

export const modelKind = defineKind({
  kind: 'Model',
  plural: 'models',
  shortNames: ['mdl'],
  description: 'A model of a provider, or one that Maru serves: engine, source, parallelism, replicas and GPU need.',
  spec: modelSpecSchema,
  columns: [
    { name: 'Engine', type: 'string', jsonPath: '.spec.serving.engine' },
    { name: 'Provider', type: 'string', jsonPath: '.spec.provider.name' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => (spec.serving?.gpu?.pool === undefined ? [] : [refersTo('GpuPool', spec.serving.gpu.pool, 'serving', 'gpu', 'pool')]),
});
