import { z } from 'zod';
import { durationSchema } from './quantities.ts';

const PREFILL_PROFILES = ['decode-first', 'prefill-first'] as const;

/** Separate replicas for prefill and decode, and when a prompt is worth the way between them. */
export const disaggregationSchema = z.strictObject({
  prefillReplicas: z.number().int().min(1).default(1),
  decodeReplicas: z.number().int().min(1).default(1),
  /** Which replica the policy of the route chooses first; after `prefill-first`, the decode replica is the one with the least requests. */
  profile: z.enum(PREFILL_PROFILES).default('decode-first'),
  /** A prompt goes to a prefill replica when at least so many of its tokens are missing in the cache of the decode replica; 0 sends every prompt. */
  minUncachedTokens: z.number().int().min(0).default(512),
  /** Decode replicas compute prompts themselves while more requests than this wait or run at every prefill replica; no limit where absent. */
  maxPrefillQueue: z.number().int().min(0).optional(),
  /** A prefill replica that has not answered by then is given up, and the decode replica computes the prompt. */
  prefillTimeout: durationSchema.default('30s'),
});
