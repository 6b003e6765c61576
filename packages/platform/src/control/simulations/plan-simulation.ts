import { PlatformError } from '@maru/api/errors';
import type { NewSimulation } from '@maru/api/wire';
import type { SweepOrder } from './sweep-port.ts';

/** Combinations of one simulation, and requests that they play together: minutes, not days, of one thread. */
export const MAX_COMBINATIONS = 400;
export const MAX_REQUESTS = 2_000_000;

export const MADE_TRAFFIC = Object.freeze({
  'made:sessions': 'Conversations that go on',
  'made:agents': 'Agents with tools and helpers',
  'made:rag': 'Questions about shared documents',
});

export const isMade = (trace: string): trace is keyof typeof MADE_TRAFFIC => Object.hasOwn(MADE_TRAFFIC, trace);

export const combinationsOf = ({ policies, speeds, replicas, seeds }: NewSimulation): number => policies.length * speeds.length * replicas.length * seeds;

/** Throws `invalid_request` for more than one thread should play. */
export function checkSize(request: NewSimulation): void {
  const combinations = combinationsOf(request);
  if (combinations > MAX_COMBINATIONS)
    throw tooMuch(`these are ${combinations} combinations of policy, speed, replicas and seed; at most ${MAX_COMBINATIONS} are played`);
  if (combinations * request.requests > MAX_REQUESTS)
    throw tooMuch(`these are ${combinations} combinations with ${request.requests} requests each; at most ${MAX_REQUESTS} requests are played together`);
}

const tooMuch = (message: string): PlatformError =>
  new PlatformError('invalid_request', { message: `${message}; take fewer, or use "maru simulate"`, details: { param: 'requests' } });

/** What the simulator is told; `tracePath` where the trace is a file. */
export function toSweepOrder(request: NewSimulation, tracePath: string | undefined): SweepOrder {
  return {
    ...(tracePath === undefined
      ? { tracePath: `${request.trace},requests=${request.requests},rate=${request.perSecond}` }
      : { tracePath, limit: request.requests }),
    policies: request.policies,
    rateScales: request.speeds,
    replicas: request.replicas,
    kvBlocks: [],
    seeds: Array.from({ length: request.seeds }, (_, index) => index + 1),
    profile: request.profile,
    slo: { ttftMs: request.ttftMs, itlMs: request.itlMs },
    gpuUsdPerHour: request.gpuUsdPerHour,
    ...(request.maxWaiting === undefined ? {} : { maxWaiting: request.maxWaiting }),
  };
}
