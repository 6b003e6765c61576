import type { RouteDecision } from '@maru/api/records';
import type { Config } from '#config';
import type { MetricFamily } from '../metric-family.ts';

/** What a worker is told before it begins. */
export interface WorkerPlan {
  /** From 1; names its folder in the data folder, and so its spools. */
  readonly index: number;
  readonly config: Config;
  readonly masterKey: string;
  /** Where all workers listen. */
  readonly port: number;
  /** Every worker listens by itself, and the system spreads connections; else the main process hands them over. */
  readonly reusePort: boolean;
  /** Where the main process answers what is not a worker's. */
  readonly mainSocket: string;
  readonly agentsSocket: string;
  readonly secrets: Secrets;
  /** Paths of `/v1` that the main process answers all the same, with what lies below them. */
  readonly mainPaths: readonly string[];
}

/** Names and values of secrets that stand in a configuration file. */
type Secrets = readonly (readonly [name: string, value: string])[];

/** Requests that run and wait in each endpoint, as one process knows them. */
export type EndpointLoads = Readonly<Record<string, readonly [running: number, waiting: number]>>;

/** What a worker says of itself every so often. */
export interface WorkerReport {
  /** Calls that run. */
  readonly active: number;
  readonly metrics: readonly MetricFamily[];
  /** Requests and errors of each endpoint since the worker began. */
  readonly counters: Readonly<Record<string, { readonly requests: number; readonly errors: number }>>;
  /** Endpoints that rest after failures. */
  readonly resting: readonly string[];
  /** Some of the newest decisions; not all where there were many. */
  readonly decisions: readonly RouteDecision[];
}

export type ToWorker =
  | { readonly type: 'begin'; readonly plan: WorkerPlan }
  /** The resources have changed; answered with `done`. */
  | ({ readonly type: 'resources'; readonly id: number } & Pick<WorkerPlan, 'secrets' | 'mainPaths'>)
  /** Keys or accounts have changed; answered with `done`. */
  | { readonly type: 'keys'; readonly id: number }
  /** What all others have running. */
  | { readonly type: 'others'; readonly loads: EndpointLoads }
  /** What another router says. */
  | { readonly type: 'exchange'; readonly line: string }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'loads'; readonly loads: EndpointLoads }
  | { readonly type: 'exchange'; readonly line: string }
  | { readonly type: 'report'; readonly report: WorkerReport };
