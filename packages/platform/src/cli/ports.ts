import type { LoadReport } from '@maru/api/records';
import type { Kube } from '#kube';

export interface UpOptions {
  readonly files: readonly string[];
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly workers?: string | undefined;
}

export interface OperatorOptions extends KubeOptions {
  /** Only resources of this namespace; all where absent. */
  readonly namespace?: string | undefined;
  /** Where the lease of the leader lies. */
  readonly leaseNamespace: string;
  /** Name of the cluster in roles and discovery tags. */
  readonly clusterName?: string | undefined;
}

export interface SimulateOptions {
  readonly trace: string;
  /** One table per fleet. */
  readonly replicas: readonly number[];
  /** All where empty. */
  readonly policies: readonly string[];
  readonly profile: string;
  readonly timing: boolean;
  /** One table per size; the simulator's own where empty. */
  readonly kvBlocks: readonly number[];
  readonly seeds: readonly number[];
  readonly limit?: number | undefined;
  /** Factors of the rate of arrivals. */
  readonly speeds: readonly number[];
  readonly gpuHourUsd: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  /** Admission refuses a request when more wait per replica. */
  readonly maxWaiting?: number | undefined;
  /** Ways to control the flow in the gateway, as `on`, `off` or `concurrency=64`; off where there is none. */
  readonly flows?: readonly string[];
  /** Ways to scale; the fleet never changes where there is none. */
  readonly scalings?: readonly string[];
  readonly fleet?: SimulatedFleet;
  readonly jobs?: number | undefined;
  /** File that keeps results, to go on after a stop. */
  readonly state?: string | undefined;
  /** File for the report with plots. */
  readonly html?: string | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** A fleet that changes, as the flags say it. */
export interface SimulatedFleet {
  readonly least: number;
  readonly most: number;
  readonly coldStart: { readonly nodeMs: number; readonly imageMs: number; readonly weightsMs: number };
  readonly spotPerHour: number;
  /** As `5m:hang:0:30s`. */
  readonly faults: readonly string[];
}

/** One policy on one trace, the mean over the seeds. Latencies in milliseconds; shares from 0 to 1; null where there is no timing. */
export interface SimulateRow {
  readonly policy: string;
  readonly replicas: number;
  /** KV blocks per replica. */
  readonly kvBlocks: number;
  readonly requests: number;
  /** Load that was put on, and the share of it that was refused. */
  readonly offeredPerSecond: number | null;
  readonly refused: number | null;
  /** Requests waited longer than they were worked on. */
  readonly collapsed: boolean;
  readonly hitRate: number;
  /** Most over mean work of the replicas; null for a bound that no replica has. */
  readonly imbalance: number | null;
  readonly ttftMeanMs: number | null;
  readonly ttftP95Ms: number | null;
  readonly itlMeanMs: number | null;
  readonly goodput: number | null;
  readonly tokensPerSecond: number | null;
  readonly usdPerMillionTokens: number | null;
  /** Absent where the fleet never changes. */
  readonly scaling?: string;
  readonly gpuHours?: number;
  readonly scaleUps?: number;
  readonly scaleDowns?: number;
  readonly retried?: number;
  /** Flow control as it was asked for; absent where nothing was. */
  readonly flow?: string;
  /** Share of the requests that had to wait in the gateway, and for how long; null where it does not control the flow, or nobody waited. */
  readonly waited?: number | null;
  readonly waitMeanMs?: number | null;
  readonly waitP95Ms?: number | null;
  /** Requests by the reason for which they were shed, with the first seed. */
  readonly shed?: Readonly<Record<string, number>>;
  /** Between tenants, from 1/n to 1; absent where the trace names none. */
  readonly fairness?: number;
  /** Of the first seed. */
  readonly tenants?: readonly SimulatedTenant[];
}

/** Requests of one tenant and priority; latencies in milliseconds, shares of its requests from 0 to 1. */
export interface SimulatedTenant {
  readonly tenant: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly requests: number;
  readonly refused: number;
  readonly goodput: number | null;
  readonly ttftP95Ms: number | null;
  /** In the gateway. */
  readonly waitMeanMs: number | null;
}

/** A load test as the flags say it; lengths are read by the load test itself. */
export interface BenchOptions {
  readonly endpoint: string;
  readonly model: string | undefined;
  readonly operation: 'chat' | 'completions';
  /** One of the three kinds of load is filled. */
  readonly load: {
    readonly concurrency: readonly number[];
    readonly ratesPerS: readonly number[];
    readonly trace: string | undefined;
    readonly arrivals: 'poisson' | 'constant';
    readonly speed: number;
    readonly limit: number | undefined;
    readonly maxConcurrency: number | undefined;
    readonly requests: number | undefined;
    readonly durationMs: number | undefined;
  };
  readonly input: string;
  readonly output: string;
  readonly sharedPrefixTokens: number;
  readonly warmUpRequests: number;
  readonly slo: LoadReport['slo'];
  readonly seed: number;
  readonly streaming: boolean;
  readonly ignoreEos: boolean;
  readonly timeoutMs: number;
  readonly key: string | undefined;
}

export interface BenchProgress {
  readonly stage: string;
  /** From 1. */
  readonly number: number;
  readonly stages: number;
  readonly done: number;
  /** Null where the stage ends by time. */
  readonly planned: number | null;
  readonly failed: number;
  readonly inFlight: number;
}

export interface BenchWatch {
  /** Stops the test; what has been measured is returned. */
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: BenchProgress) => void) | undefined;
}

/** An endpoint picker as the flags say it. */
export interface PickerOptions {
  /** The name that the replicas serve. */
  readonly model: string;
  /** `ip:port` each; either these or a pool. */
  readonly endpoints: readonly string[];
  /** Name of an InferencePool. */
  readonly pool?: string | undefined;
  readonly namespace: string;
  /** File of an EndpointPickerConfig. */
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
  readonly maxEndpoints?: number | undefined;
  /** Files of InferenceObjectives. */
  readonly objectives: readonly string[];
  readonly engine: string;
  readonly kvEventsPort?: number | undefined;
  readonly kvReplayPort?: number | undefined;
  readonly tokenizer?: string | undefined;
  readonly listen: string;
  /** Files in PEM; plain HTTP/2 where absent. */
  readonly tls: { readonly certificate: string; readonly key: string } | 'self-signed' | undefined;
  /** Requests wait so long while all replicas are full; nobody waits where absent. */
  readonly maxWaitMs?: number | undefined;
  /** `host:port` of `/metrics`, and of what other pickers listen to. */
  readonly metricsListen?: string | undefined;
  readonly graceMs: number;
}

export interface KubeOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** What the command line needs of other surfaces and of the composition. */
export interface CliPorts {
  /** Runs the platform until it is stopped. */
  up(options: UpOptions): Promise<void>;
  /** Answers calls for the `up` that has started this process. */
  worker(): Promise<void>;
  /** Runs the operator until it is stopped. */
  operator(options: OperatorOptions): Promise<void>;
  /** Chooses replicas for a gateway until it is stopped. */
  picker(options: PickerOptions): Promise<void>;
  /** Connects to the cluster of a kubeconfig, or the one it runs in; throws `config_invalid` where there is none. */
  kube(options: KubeOptions): Promise<Kube>;
  simulate(options: SimulateOptions, signal: AbortSignal): Promise<readonly SimulateRow[]>;
  /** Measures a server under load. */
  bench(options: BenchOptions, watch: BenchWatch): Promise<LoadReport>;
  readonly version: string;
}
