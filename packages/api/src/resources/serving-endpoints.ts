import { z } from 'zod';
import { nameSchema } from './metadata.ts';
import { durationSchema } from './quantities.ts';

const port = z.number().int().min(1).max(65_535);

/** Where the replicas of a served model are, and how they are watched. */
export const servingEndpointsSchema = z
  .strictObject({
    /** Base URLs of the replicas, without a path. */
    urls: z
      .array(z.url({ protocol: /^https?$/ }))
      .min(1)
      .max(1024)
      .optional(),
    /** Base URLs of replicas that only compute prompts and hand them over to those of `urls`. */
    prefillUrls: z
      .array(z.url({ protocol: /^https?$/ }))
      .min(1)
      .max(1024)
      .optional(),
    /** A DNS name: that of a headless Service (`a`), or one with SRV records. */
    dns: z
      .strictObject({
        name: z.string().min(1).max(253),
        records: z.enum(['a', 'srv']).default('a'),
        port: port.default(8000),
        scheme: z.enum(['http', 'https']).default('http'),
      })
      .optional(),
    /** The ready pods of an InferencePool (`inference.networking.k8s.io/v1`). */
    inferencePool: z.strictObject({ name: nameSchema, namespace: nameSchema.default('default') }).optional(),
    metrics: z
      .strictObject({
        /** Of the metrics; what the engine usually has where absent. */
        path: z.string().startsWith('/').optional(),
        every: durationSchema.default('500ms'),
        /** Further names that stand in the metrics for this model. */
        models: z.array(z.string().min(1)).default([]),
      })
      .default({ every: '500ms', models: [] }),
    /** KV events over ZMQ, for engines that publish them (`--kv-events-config`): then the router knows what each cache holds. */
    kvEvents: z
      .strictObject({
        /** Of the publisher of rank 0. */
        port: port.default(5557),
        /** Of the replay socket of rank 0; without it a lost message stays lost. */
        replayPort: port.optional(),
        topic: z.string().max(256).optional(),
        /** Ranks of data parallelism, each with the next port. */
        ranks: z.number().int().min(1).max(256).default(1),
        /** Bound of what is kept of all caches together, some 20 bytes each. */
        maxBlocks: z.number().int().min(1000).max(200_000_000).default(4_000_000),
      })
      .optional(),
    /** Path of the model's `tokenizer.json`, its configuration beside it; the engine's `/tokenize` is asked where absent. */
    tokenizer: z.string().min(1).optional(),
    tokenizerThreads: z.number().int().min(1).max(16).default(1),
    /** How often each endpoint whose events are followed gets a pair of small requests that shows whether affinity works. */
    selfCheckEvery: durationSchema.default('10m'),
  })
  .refine((endpoints) => [endpoints.urls, endpoints.dns, endpoints.inferencePool].filter((given) => given !== undefined).length === 1, {
    message: 'needs exactly one of "urls", "dns" and "inferencePool"',
  })
  .refine((endpoints) => endpoints.prefillUrls === undefined || endpoints.urls !== undefined, {
    message: 'replicas that hand prompts over need "urls" to hand them to',
    path: ['prefillUrls'],
  });
export type ServingEndpoints = z.infer<typeof servingEndpointsSchema>;
