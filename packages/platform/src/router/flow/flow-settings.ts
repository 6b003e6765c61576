import { durationToMs, type ModelFlowControl, modelFlowControlSchema } from '@maru/api/resources';
import type { QueueLimits } from './band-queue.ts';
import type { SaturationSettings } from './saturation.ts';

/** When requests wait for a model and how many of them may; the field `flowControl` of a Model in numbers. */
export interface FlowSettings {
  readonly saturation: SaturationSettings;
  readonly limits: QueueLimits;
  /** Nobody waits for longer. */
  readonly maxWaitMs: number;
}

const USUAL = modelFlowControlSchema.parse({});
const known = new WeakMap<ModelFlowControl, FlowSettings>();

/** Read once per Model, the usual ones where it says nothing; undefined where it is switched off. */
export function flowSettings(given: ModelFlowControl | undefined): FlowSettings | undefined {
  const flow = given ?? USUAL;
  if (!flow.enabled) return undefined;
  const settings = known.get(flow) ?? {
    saturation: { queueDepth: flow.queueDepth, kvUse: flow.kvUse, concurrency: flow.concurrency },
    limits: { maxRequests: flow.maxWaiting, maxBytes: flow.maxWaitingMiB * 1024 * 1024, maxRequestsPerTenant: flow.maxWaitingPerTenant ?? flow.maxWaiting },
    maxWaitMs: durationToMs(flow.maxWait),
  };
  known.set(flow, settings);
  return settings;
}
