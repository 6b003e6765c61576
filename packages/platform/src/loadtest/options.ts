import type { LoadReport } from '@maru/api/records';
import type { Clock } from '#time';
import type { LoadTrace } from './ports.ts';
import type { LengthSpread } from './prompts/parse-lengths.ts';

export interface LoadTestOptions {
  /** Address of an OpenAI-compatible server, with or without `/v1`. */
  readonly endpoint: string;
  readonly operation: 'chat' | 'completions';
  /** The first model that the server lists where absent. */
  readonly model?: string | undefined;
  readonly key?: string | undefined;
  readonly streaming: boolean;
  readonly load: LoadShape;
  readonly input: LengthSpread;
  readonly output: LengthSpread;
  /** Tokens at the beginning that all prompts have in common. */
  readonly sharedPrefixTokens: number;
  readonly warmUpRequests: number;
  readonly seed: number;
  /** Asks for answers of exactly the wanted length, where the server can do that. */
  readonly ignoreEos: boolean;
  readonly slo: LoadReport['slo'];
  /** Longest time for one request. */
  readonly timeoutMs: number;
  readonly client: LoadReport['client'];
}

/** What is tried, one stage after another. */
export type LoadShape =
  | { readonly mode: 'concurrency'; readonly levels: readonly number[]; readonly requests: number | undefined; readonly durationMs: number | undefined }
  | {
      readonly mode: 'rate';
      readonly levels: readonly number[];
      readonly arrivals: 'poisson' | 'constant';
      readonly maxConcurrency: number | undefined;
      readonly requests: number | undefined;
      readonly durationMs: number | undefined;
    }
  | { readonly mode: 'trace'; readonly trace: LoadTrace; readonly speed: number; readonly maxConcurrency: number | undefined };

export interface LoadProgress {
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

export interface LoadTestDeps {
  readonly clock: Clock;
  /** Stops the test; what has been measured is returned. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}
