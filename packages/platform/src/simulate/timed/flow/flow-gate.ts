import type { PlatformError } from '@maru/api/errors';
import { createFlowControl, type FlowRequest, type FlowSettings } from '#router';
import type { Clock } from '#time';
import type { TraceRequest } from '../../trace/trace-request.ts';

/** The gateway's flow control in front of a simulated fleet: what decides here who waits, goes or is shed is what decides online. */
export interface FlowGate {
  /** Calls one of the two, once: at once, or when the turn has come or the place is lost. */
  enter(request: TraceRequest, outcome: { readonly go: (waitedMs: number) => void; readonly shed: (reason: string) => void }): void;
  /** A request has ended or shown its first token, or the fleet has changed. */
  freed(): void;
  readonly waiting: number;
}

export interface FlowGateOptions {
  readonly clock: Clock;
  readonly settings: FlowSettings;
  readonly hasRoom: () => boolean;
}

const MODEL = 'trace';
/** What a prompt holds in the memory of a gateway. */
const BYTES_PER_TOKEN = 4;
/** As the gateway bounds what it is asked for. */
const MOST_PRIORITY = 100;
/** The gateway does not know how long an answer will be, and takes this where a request names no limit. */
const USUAL_ANSWER_TOKENS = 512;

export function createFlowGate({ clock, settings, hasRoom }: FlowGateOptions): FlowGate {
  const flow = createFlowControl(clock);
  const model = { model: MODEL, settings, hasRoom };
  let told = false;
  let waiting = 0;

  return {
    get waiting() {
      return waiting;
    },
    enter: (request, { go, shed }) => {
      if (flow.isOpen(model)) {
        go(0);
        return;
      }
      waiting += 1;
      flow.wait(model, waiterOf(request, clock.monotonicMs()), {
        go: (waitedMs) => {
          waiting -= 1;
          go(waitedMs);
        },
        shed: (error) => {
          waiting -= 1;
          shed(reasonOf(error));
        },
      });
    },
    freed: () => {
      if (told || waiting === 0) return;
      told = true;
      // An engine tells this in the middle of a step, and must not be asked before its end.
      clock.schedule(0, () => {
        told = false;
        flow.freed(MODEL);
      });
    },
  };
}

/** Traces count priorities as engines do, the lower the sooner; the gateway the other way. */
export const priorityOf = ({ priority = 0 }: TraceRequest): number => Math.min(MOST_PRIORITY, Math.max(-MOST_PRIORITY, 0 - priority));

const waiterOf = (request: TraceRequest, nowMs: number): FlowRequest => ({
  priority: priorityOf(request),
  tenant: request.tenant ?? '',
  program: request.session ?? '',
  costTokens: request.inputTokens + USUAL_ANSWER_TOKENS,
  bytes: request.inputTokens * BYTES_PER_TOKEN,
  deadlineMs: request.firstTokenWithinMs === undefined ? undefined : nowMs + request.firstTokenWithinMs,
});

const reasonOf = ({ details }: PlatformError): string => String(details['reason']);
