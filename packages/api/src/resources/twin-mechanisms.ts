import { z } from 'zod';

/** What an engine does beside batching requests and caching prefixes; each part is off where absent. Models and timing profiles of twins share it. */
export const twinMechanismsSchema = z
  .strictObject({
    /** Which request is served first: `priority` serves the lowest value of the request's field `priority`, then the oldest. */
    scheduling: z.enum(['fcfs', 'priority']).optional(),
    /** LoRA adapters over one base model. */
    lora: z
      .strictObject({
        /** Adapters that a step can serve; requests of another one wait for a slot. */
        maxLoras: z.number().int().min(1).max(1024).default(1),
        /** Time to bring an adapter into a slot. */
        loadMs: z.number().nonnegative().default(20),
        /** Names that requests may give as their model. */
        adapters: z.array(z.string().min(1).max(256)).max(1024).default([]),
      })
      .optional(),
    /** Attention over the last tokens only; blocks before them are freed. */
    slidingWindow: z
      .strictObject({
        tokens: z.number().int().positive(),
        /** Groups of layers of equal size that share the memory, as in hybrid models; 1 where all layers are alike. */
        groups: z.number().int().min(1).max(16).default(1),
        /** How many of these attend to the whole context. */
        fullGroups: z.number().int().min(0).max(15).default(0),
      })
      .refine(({ groups, fullGroups }) => fullGroups < groups, {
        message: 'must be less than groups: without a group that has a window, there is no window',
        path: ['fullGroups'],
      })
      .optional(),
    /** A small model drafts tokens, which the engine checks in one step. */
    speculation: z
      .strictObject({
        /** Drafted per step. */
        tokens: z.number().int().min(1).max(16),
        /** Chance that a drafted token is accepted when those before it are. */
        acceptance: z.number().min(0).max(1),
        /** Time that drafting adds to a step. */
        draftMs: z.number().nonnegative().default(0),
        seed: z.number().int().nonnegative().default(1),
      })
      .optional(),
    /** Blocks are also kept in the memory of the host, and on its disk, and brought back from there. */
    kvOffload: z
      .strictObject({
        cpuTokens: z.number().int().positive(),
        cpuGigabytesPerS: z.number().positive().default(25),
        /** Takes what the host's memory has no more room for; none where absent. */
        diskTokens: z.number().int().positive().optional(),
        diskGigabytesPerS: z.number().positive().default(5),
        /** Of keys and values; those of Llama 3.1 8B in 16 bits where absent. */
        bytesPerToken: z.number().int().positive().default(131_072),
      })
      .optional(),
    /** How long the engine takes to be ready. */
    start: z
      .strictObject({
        /** From its beginning until it takes requests. */
        coldMs: z.number().nonnegative().default(0),
        /** To wake from sleep with the weights in the memory of the host (level 1). */
        wakeMs: z.number().nonnegative().default(300),
        /** To wake from sleep without weights (level 2). */
        reloadMs: z.number().nonnegative().default(60_000),
      })
      .optional(),
    /** Whose names its metrics have; those of the Model's engine where absent, and of vLLM for a twin. */
    metrics: z.enum(['vllm', 'sglang', 'tensorrt-llm']).optional(),
  })
  .refine(({ slidingWindow, kvOffload }) => slidingWindow === undefined || kvOffload === undefined, {
    message: 'blocks of a sliding window are not offloaded; take one of the two away',
    path: ['kvOffload'],
  });

export type TwinMechanisms = z.infer<typeof twinMechanismsSchema>;
