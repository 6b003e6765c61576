import type { Clock } from '#time';
import { FlowLane, type FlowOutcome, type FlowTicket } from './flow-lane.ts';
import type { FlowSettings } from './flow-settings.ts';
import type { ShedReason } from './shed.ts';
import type { FlowRequest } from './waiter.ts';

/** A model that requests may have to wait for. */
export interface FlowModel {
  readonly model: string;
  readonly settings: FlowSettings;
  /** Whether a request could go to one of its endpoints now. */
  readonly hasRoom: () => boolean;
}

/** What the queues of one model and priority have done. */
export interface FlowCounts {
  readonly model: string;
  readonly priority: number;
  readonly waiting: number;
  /** Requests that have waited and gone, and for how long together. */
  readonly gone: number;
  readonly waitedMs: number;
  readonly shed: Readonly<Partial<Record<ShedReason, number>>>;
}

/** Queues in front of the picks, one per model; nothing waits while a model has room. Never waits itself: it calls back. */
export interface FlowControl {
  /** Whether a request may go at once: nobody waits and there is room. */
  isOpen(model: FlowModel): boolean;
  /** Puts a request into the queue of its model; undefined where it was shed before this returned. */
  wait(model: FlowModel, request: FlowRequest, outcome: FlowOutcome): FlowTicket | undefined;
  /** A request of this model has ended or shown its first token. */
  freed(model: string): void;
  counts(): readonly FlowCounts[];
}

type Counted = { -readonly [K in keyof Omit<FlowCounts, 'waiting' | 'shed'>]: FlowCounts[K] } & { readonly shed: Partial<Record<ShedReason, number>> };

/** Counts are kept for so many models and priorities; the oldest are forgotten. */
const MAX_COUNTS = 4096;

export function createFlowControl(clock: Clock): FlowControl {
  const lanes = new Map<string, { readonly lane: FlowLane; readonly settings: FlowSettings; of: FlowModel }>();
  const counts = new Map<string, Counted>();

  const countOf = (model: string, priority: number): Counted => {
    const key = `${priority} ${model}`;
    let count = counts.get(key);
    if (count === undefined) {
      count = { model, priority, gone: 0, waitedMs: 0, shed: {} };
      counts.set(key, count);
      if (counts.size > MAX_COUNTS) counts.delete(counts.keys().next().value ?? '');
    }
    return count;
  };

  const laneOf = (of: FlowModel): FlowLane => {
    const { model, settings } = of;
    const known = lanes.get(model);
    if (known !== undefined && isSame(known.settings, settings)) {
      known.of = of;
      return known.lane;
    }
    const lane = new FlowLane({
      model,
      clock,
      settings,
      hasRoom: () => lanes.get(model)?.of.hasRoom() ?? true,
      onShed: (priority, reason) => {
        const { shed } = countOf(model, priority);
        shed[reason] = (shed[reason] ?? 0) + 1;
      },
      onGone: (priority, waitedMs) => {
        const count = countOf(model, priority);
        count.gone += 1;
        count.waitedMs += waitedMs;
      },
    });
    // Settings have changed: who waits under the old ones goes on looking by itself.
    lanes.set(model, { lane, settings, of });
    return lane;
  };

  return {
    isOpen: (of) => (lanes.get(of.model)?.lane.waiting ?? 0) === 0 && of.hasRoom(),
    wait: (of, request, outcome) => laneOf(of).wait(request, outcome),
    freed: (model) => {
      const lane = lanes.get(model)?.lane;
      if (lane !== undefined && lane.waiting > 0) lane.drain();
    },
    counts: () => {
      for (const [model, { lane }] of lanes) for (const { priority } of lane.sizes()) countOf(model, priority);
      return [...counts.values()].map((count) => ({
        ...count,
        shed: { ...count.shed },
        waiting:
          lanes
            .get(count.model)
            ?.lane.sizes()
            .find(({ priority }) => priority === count.priority)?.size ?? 0,
      }));
    },
  };
}

/** Resources that are read again are other objects. */
const isSame = (left: FlowSettings, right: FlowSettings): boolean => left === right || JSON.stringify(left) === JSON.stringify(right);
