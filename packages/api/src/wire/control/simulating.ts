import { z } from 'zod';
import { ROUTER_POLICIES } from '../../resources/route.ts';

const positive = (most: number) => z.number().positive().max(most);
const list = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .array(item)
    .min(1)
    .max(most)
    .refine((items) => new Set(items).size === items.length, 'names something twice');

/** `POST /api/v1/simulations`: requests of a trace, played for every combination of policy, speed, replicas and seed. */
export const newSimulationSchema = z.strictObject({
  name: z.string().trim().max(80).default(''),
  /** Id of a trace of `GET /api/v1/simulation-options`. */
  trace: z.string().min(1).max(100),
  /** Only so many of its first requests; of made traffic, how many are made. */
  requests: z.number().int().min(10).max(50_000).default(1000),
  /** Requests per second of made traffic; a file has its own times. */
  perSecond: positive(10_000).default(5),
  /** The first one is what the others are compared with. */
  policies: list(z.enum(ROUTER_POLICIES), ROUTER_POLICIES.length),
  /** 2 lets requests arrive twice as fast. */
  speeds: list(positive(1000), 10).default([1]),
  replicas: list(z.number().int().min(1).max(128), 5).default([8]),
  /** So many seeds of chance, for confidence intervals. */
  seeds: z.number().int().min(1).max(10).default(1),
  /** Timing profile of the engine. */
  profile: z.string().min(1).max(100).default('h100-llama-3.1-8b'),
  /** What counts as good: time to first token, and mean time between tokens. */
  ttftMs: positive(600_000).default(2000),
  itlMs: positive(60_000).default(50),
  gpuUsdPerHour: positive(1000).default(4),
  /** Admission: a request is refused when more wait per replica. */
  maxWaiting: z.number().int().min(1).max(100_000).optional(),
});
export type NewSimulation = z.infer<typeof newSimulationSchema>;

export const SIMULATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

/** One simulation: what was asked, and how far it is. `interrupted`: the platform stopped while it ran or waited. */
export const simulationSchema = z.object({
  id: z.string(),
  state: z.enum(SIMULATION_STATES),
  request: newSimulationSchema,
  traceTitle: z.string(),
  /** Combinations that have been played, of all. */
  done: z.number(),
  all: z.number(),
  createdMs: z.number(),
  startedMs: z.number().nullable(),
  endedMs: z.number().nullable(),
  error: z.string().nullable(),
});
export type Simulation = z.infer<typeof simulationSchema>;
export const simulationListSchema = z.object({ items: z.array(simulationSchema) });

/** What policies are compared by. Shares are from 0 to 1; times are milliseconds of the simulated engines. */
export const SIMULATION_MEASURES = [
  'offeredPerS',
  'refusedShare',
  'withinSlo',
  'goodputPerS',
  'ttftMeanMs',
  'ttftP95Ms',
  'itlMeanMs',
  'hitRate',
  'imbalance',
  'outputTokensPerS',
  'usdPerMillionTokens',
] as const;
export type SimulationMeasure = (typeof SIMULATION_MEASURES)[number];

/** Mean over seeds, and half its 95 % confidence interval; null with one seed. */
const estimateSchema = z.object({ mean: z.number(), plusMinus: z.number().nullable() });
const measuresSchema = z.partialRecord(z.enum(SIMULATION_MEASURES), estimateSchema);

/** One policy at one speed on one fleet, over all seeds. */
const simulationRowSchema = z.object({
  policy: z.string(),
  speed: z.number(),
  replicas: z.number(),
  seeds: z.number(),
  requests: z.number(),
  /** Requests waited longer than they were worked on: the figures tell the length of the trace, and are no baseline. */
  collapsed: z.boolean(),
  values: measuresSchema,
  /** Difference to the first policy at the same speed, fleet and seeds, as a share of it. */
  deltas: measuresSchema,
  /** Of one seed: a time, and the share of requests whose first token had come by then. */
  ttftCurve: z.array(z.tuple([z.number(), z.number()])),
});
export type SimulationRow = z.infer<typeof simulationRowSchema>;

const profileSchema = z.object({ name: z.string(), title: z.string(), status: z.string(), source: z.string() });

/** `GET /api/v1/simulations/{id}`; rows of what has been played so far. */
export const simulationDetailSchema = z.object({ simulation: simulationSchema, profile: profileSchema.nullable(), rows: z.array(simulationRowSchema) });
export type SimulationDetail = z.infer<typeof simulationDetailSchema>;

/** A trace that can be played: `made` by the simulator, a `file` that comes with Maru, or an `upload`. */
export const simulationTraceSchema = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['made', 'file', 'upload']),
  bytes: z.number().nullable(),
});
export type SimulationTrace = z.infer<typeof simulationTraceSchema>;

/** `GET /api/v1/simulation-options`. */
export const simulationOptionsSchema = z.object({
  traces: z.array(simulationTraceSchema),
  profiles: z.array(profileSchema),
  limits: z.object({
    /** Combinations of one simulation; their requests together; uploads; bytes of one. */
    combinations: z.number(),
    requests: z.number(),
    uploads: z.number(),
    uploadBytes: z.number(),
    kept: z.number(),
  }),
});
export type SimulationOptions = z.infer<typeof simulationOptionsSchema>;
