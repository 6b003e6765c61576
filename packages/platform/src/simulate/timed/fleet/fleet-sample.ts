import type { FleetSample, ReplicaSample } from '#fleet';
import type { Replica } from '../replica.ts';
import type { Fleet } from './fleet.ts';

/** What an autoscaler is told of a simulated fleet. */
export const sampleFleet = (fleet: Fleet, now: Pick<FleetSample, 'atMs' | 'held' | 'totals'>): FleetSample => ({
  ...now,
  totals: { ...now.totals },
  replicas: fleet.ready().map(sampleReplica),
  pending: fleet.pending(),
});

function sampleReplica({ core, driver }: Replica): ReplicaSample {
  driver.sync();
  const { running, waiting } = core.queues;
  let queuedTokens = 0;
  let decodeTokens = 0;
  for (const sequence of waiting) queuedTokens += sequence.promptTokens;
  for (const sequence of running) {
    if (sequence.generated > 0) decodeTokens += sequence.computed;
    else queuedTokens += sequence.promptTokens - sequence.computed;
  }
  const pass = driver.pass();
  return {
    running: running.length,
    waiting: waiting.length + driver.arriving(),
    kvUse: 1 - core.kv.freeBlocks / core.kv.blocks,
    queuedTokens,
    decodeTokens,
    pass: pass === undefined ? undefined : { prefillTokens: pass.work.prefillTokens, decodeTokens: pass.work.decodeContext, wallMs: pass.durationMs },
  };
}
