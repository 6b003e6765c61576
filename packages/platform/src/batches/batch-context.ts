import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { BatchStore } from './batch-store.ts';
import type { Files } from './files.ts';
import type { BatchPorts } from './ports.ts';
import type { PartStore } from './remote/part-store.ts';

export interface BatchLimits {
  /** Requests of one batch; 50,000 by default, as in the OpenAI API. */
  readonly maxLines: number;
  /** Longest line; 16 MiB by default. */
  readonly maxLineBytes: number;
  /** Lines that run at once, however idle the platform is; 16 by default. */
  readonly maxParallel: number;
  /** How often a line is tried that fails for reasons that pass; 5 by default. */
  readonly maxTries: number;
  /** How long a batch may take; 24 hours by default. */
  readonly windowMs: number;
  /** How long output files are kept; 30 days by default. */
  readonly outputTtlMs: number;
  /** Longest time between two looks at a batch of a provider; a minute by default. */
  readonly lookMs: number;
}

/** What the parts of this room share. */
export interface BatchContext {
  readonly batches: BatchStore;
  readonly parts: PartStore;
  readonly files: Files;
  readonly ports: BatchPorts;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly limits: BatchLimits;
}
