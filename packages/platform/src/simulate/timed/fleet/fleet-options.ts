import { PlatformError } from '@maru/api/errors';
import type { ScalingSpec } from '#fleet';

/** How long what a new replica needs takes to come. */
export interface ColdStart {
  /** From the wish for a node until it has joined. */
  readonly nodeMs: number;
  /** Reading the engine's image; once per node. */
  readonly imageMs: number;
  /** Reading the weights and warming up; each time a replica starts. */
  readonly weightsMs: number;
}

/** What befalls a replica, or its node, at a time. */
export interface FleetFault {
  readonly atMs: number;
  /**
   * `crash`: the process ends and starts again; `hang`: it computes nothing; `slow`: it takes `factor` times as long; `xid`: its GPU
   * is lost, and the node with it; `spot-notice`: the node is taken away after the notice.
   */
  readonly kind: 'crash' | 'hang' | 'slow' | 'xid' | 'spot-notice';
  /** Number of the replica, from 0 in the order of their making. */
  readonly replica: number;
  /** How long it hangs or is slow; a minute where absent. */
  readonly durationMs?: number | undefined;
  readonly factor?: number | undefined;
}

/** A fleet that changes while a trace is played. Values that can cross to a thread. */
export interface FleetOptions {
  readonly scaling: ScalingSpec;
  readonly least: number;
  readonly most: number;
  readonly coldStart: ColdStart;
  readonly replicasPerNode: number;
  /** How long a node without a replica stays. */
  readonly emptyNodeMs: number;
  /** How long a replica that is to go may finish its requests; what is left then begins anew elsewhere. */
  readonly drainMs: number;
  readonly spot?: { readonly interruptionsPerNodeHour: number; readonly noticeMs: number } | undefined;
  readonly faults?: readonly FleetFault[] | undefined;
}

/** Middle of the published ranges for a node from Karpenter, an image of 10 to 20 GB and weights from object storage, and the notice of EC2. */
export const DEFAULT_FLEET: FleetOptions = Object.freeze<FleetOptions>({
  scaling: { policy: 'fixed' },
  least: 1,
  most: 16,
  coldStart: Object.freeze({ nodeMs: 120_000, imageMs: 180_000, weightsMs: 60_000 }),
  replicasPerNode: 1,
  emptyNodeMs: 60_000,
  drainMs: 300_000,
});

/** Throws `config_invalid` for figures that make no fleet. */
export function checkFleet(fleet: FleetOptions): void {
  const bad = (message: string): PlatformError => new PlatformError('config_invalid', { message });
  const { least, most, coldStart, replicasPerNode, spot } = fleet;
  if (!Number.isInteger(least) || least < 0) throw bad(`the least number of replicas must be a whole number of 0 or more, not ${least}`);
  if (!Number.isInteger(most) || most < Math.max(1, least)) throw bad(`the most replicas must be a whole number of ${Math.max(1, least)} or more, not ${most}`);
  if (!Number.isInteger(replicasPerNode) || replicasPerNode < 1) throw bad(`a node must hold a whole number of replicas, not ${replicasPerNode}`);
  const spans = {
    ...coldStart,
    emptyNodeMs: fleet.emptyNodeMs,
    drainMs: fleet.drainMs,
    noticeMs: spot?.noticeMs ?? 0,
    interruptions: spot?.interruptionsPerNodeHour ?? 0,
  };
  for (const [name, value] of Object.entries(spans))
    if (!(value >= 0 && Number.isFinite(value))) throw bad(`${name} of the fleet must be 0 or more, not ${value}`);
  for (const { atMs, replica, durationMs = 0, factor = 1 } of fleet.faults ?? [])
    if (!(atMs >= 0) || !(durationMs >= 0) || !(factor > 0) || !Number.isInteger(replica) || replica < 0)
      throw bad(
        `a fault needs a time and a length of 0 or more, a factor above 0 and the number of a replica, not ${JSON.stringify({ atMs, replica, durationMs, factor })}`,
      );
}
