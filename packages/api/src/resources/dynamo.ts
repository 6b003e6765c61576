import { z } from 'zod';
import { nameSchema } from './metadata.ts';
import { durationSchema } from './quantities.ts';

/** Engines under Dynamo; `mocker` simulates one on CPUs. */
const DYNAMO_BACKENDS = ['vllm', 'sglang', 'trtllm', 'mocker'] as const;

const ROUTER_MODES = ['kv', 'round-robin', 'random', 'least-loaded'] as const;

/** What becomes a graph of NVIDIA Dynamo: frontends that route, workers, and a planner that scales them. */
export const dynamoSchema = z.strictObject({
  backend: z.enum(DYNAMO_BACKENDS).default('vllm'),
  frontends: z.number().int().min(1).default(1),
  router: z
    .strictObject({
      mode: z.enum(ROUTER_MODES).default('kv'),
      /** Credit per cached block against one to compute. */
      overlapCredit: z.number().nonnegative().optional(),
      /** Above 0 a worker is drawn by its cost instead of the cheapest taken. */
      temperature: z.number().nonnegative().optional(),
    })
    .default({ mode: 'kv' }),
  planner: z
    .strictObject({
      /** How often replicas follow the rate that is predicted, and the load that is there. */
      throughputEvery: durationSchema.default('60s'),
      loadEvery: durationSchema.default('5s'),
    })
    .optional(),
  /** Secret whose entries the workers get as variables, for example `HF_TOKEN`. */
  envFrom: nameSchema.optional(),
});
