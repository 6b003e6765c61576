import type { Kube } from '#kube';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { Degradation } from './degradations.ts';
import type { HttpClient } from './http-client.ts';

/** Where the replicas of a model are found. */
export type DiscoverySpec =
  | { readonly type: 'list'; readonly urls: readonly string[]; readonly prefillUrls: readonly string[] }
  | { readonly type: 'dns'; readonly name: string; readonly records: 'a' | 'srv'; readonly port: number; readonly scheme: 'http' | 'https' }
  | { readonly type: 'pool'; readonly name: string; readonly namespace: string };

/** What a fleet is of and how it is watched. */
export interface FleetSpec {
  /** Name of the Model. */
  readonly model: string;
  /** The name that the engines serve. */
  readonly servedName: string;
  /** Kind of engine, as a Model names it. */
  readonly engine: string;
  readonly discovery: DiscoverySpec;
  readonly metrics: {
    readonly path: string;
    readonly everyMs: number;
    /** Further names that stand in the metrics for this model, such as that of a base model. */
    readonly models: readonly string[];
  };
  readonly kvEvents?:
    | {
        /** Of rank 0; each further rank has the next one. */
        readonly port: number;
        readonly replayPort: number | undefined;
        readonly topic: string | undefined;
        readonly ranks: number;
        readonly maxBlocks: number;
      }
    | undefined;
  /** Path of a `tokenizer.json`. */
  readonly tokenizer?: string | undefined;
  readonly tokenizerThreads: number;
  /** Between two canary pairs to an endpoint whose events are followed. */
  readonly selfCheckMs: number;
}

/** What a fleet needs of the rest of the platform. */
export interface FleetDeps {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** The cluster, for discovery by InferencePool; throws `config_invalid` where there is none. */
  readonly kube: () => Promise<Pick<Kube, 'list' | 'watch'>>;
  /** Requests of this process that an endpoint is answering. */
  readonly running: (name: string) => number;
  /** Other endpoints are usable than before. */
  readonly onChange: () => void;
  /** Something is not as it should be, told once. */
  readonly onDegradation: (degradation: Degradation) => void;
}
