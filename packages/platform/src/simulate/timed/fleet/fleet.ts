import type { FleetCourse } from '../../report/result.ts';
import type { Replica } from '../replica.ts';

/** The replicas that requests may go to. */
export interface Fleet {
  /** Those that take requests now; another list when it changes. */
  ready(): readonly Replica[];
  /** Every replica that there was. */
  ever(): readonly Replica[];
  /** Replicas that start. */
  pending(): number;
  /** Told that the last request of a replica has ended. */
  relieved(replica: Replica): void;
  /** Brings the number of ready and starting replicas to this. */
  scaleTo(size: number): void;
  /** What it took, up to a time; undefined of a fleet that never changes. */
  counts(untilMs: number): FleetCounts | undefined;
}

interface FleetCounts {
  /** Times at which the fleet was made larger, and smaller. */
  readonly scaleUps: number;
  readonly scaleDowns: number;
  readonly interruptions: number;
  /** Of nodes from the wish for them to their end, in hours. */
  readonly nodeHours: number;
  /** Ready replicas: over time, and at most. */
  readonly meanReady: number;
  readonly mostReady: number;
  readonly course: FleetCourse;
}

/** A fleet that never changes. */
export function fixedFleet(replicas: readonly Replica[]): Fleet {
  return { ready: () => replicas, ever: () => replicas, pending: () => 0, relieved: () => undefined, scaleTo: () => undefined, counts: () => undefined };
}
