import { isPlatformError, type PlatformError } from '@maru/api/errors';
import type { Route } from '@maru/api/resources';
import type { RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import { decodeEndpoints, type FlowModel, type FlowRequest, type FlowTicket, flowSettings } from '#router';
import type { PlacementOptions } from './placement-options.ts';

/** The queues of models, as one request sees them. */
export interface ModelQueue {
  /** Whether the request may be placed on this model without waiting. */
  isOpen(model: string): boolean;
  /** Places the request when its turn has come: at once where nobody waits. The promise rejects with what `place` throws or why it was shed. */
  enter<T>(model: string, place: (queuedMs: number | undefined) => T): T | Promise<T>;
  /** Gives the place up: the promise rejects with the reason. */
  abandon(reason: PlatformError): void;
}

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;
/** A tenant is not looked for above so many others. */
const MAX_LEVELS = 16;

export interface ModelQueueOptions extends Pick<PlacementOptions, 'flow' | 'registry' | 'pool' | 'router' | 'clock'> {
  readonly facts: RequestFacts;
  readonly priority: number;
  /** Time that the request has for its first token, in milliseconds from now. */
  readonly withinMs: number | undefined;
}

export function createModelQueue(options: ModelQueueOptions): ModelQueue {
  const { flow, registry, pool, router, clock, facts, withinMs } = options;
  const deadlineMs = withinMs === undefined ? undefined : clock.monotonicMs() + withinMs;
  let leave: ((reason: PlatformError) => void) | undefined;

  const modelOf = (model: string): FlowModel | undefined => {
    const settings = flowSettings(registry.get('Model', model)?.spec.flowControl);
    return settings === undefined ? undefined : { model, settings, hasRoom: () => router.hasRoom(decodeEndpoints(pool.enginesOf(model)), settings.saturation) };
  };
  const request = (): FlowRequest => ({
    priority: options.priority,
    tenant: facts.principal.tenant,
    program: facts.session ?? facts.agent ?? facts.principal.keyId,
    costTokens: facts.promptTokens + Math.min(USUAL_ANSWER_TOKENS, facts.maxTokens ?? USUAL_ANSWER_TOKENS),
    bytes: facts.body.length,
    deadlineMs,
  });

  return {
    isOpen: (name) => {
      const model = modelOf(name);
      return model === undefined || flow.isOpen(model);
    },
    enter<T>(name: string, place: (queuedMs: number | undefined) => T): T | Promise<T> {
      const model = modelOf(name);
      if (model === undefined || flow.isOpen(model)) return place(undefined);
      return new Promise<T>((resolve, reject) => {
        let ticket: FlowTicket | undefined;
        leave = (reason) => {
          ticket?.leave();
          reject(reason);
        };
        ticket = flow.wait(model, request(), {
          go: (waitedMs) => {
            leave = undefined;
            try {
              resolve(place(waitedMs));
            } catch (problem) {
              reject(problem);
            }
          },
          shed: reject,
        });
      });
    },
    abandon: (reason) => leave?.(reason),
  };
}

/** The priority of a request: what its Route says, else its tenant or one above it. Its own word can only lower it. */
export function priorityOf(registry: Pick<Registry, 'get'>, route: Route | undefined, facts: RequestFacts): number {
  const most = route?.spec.priority ?? tenantPriority(registry, facts.principal.tenant);
  return facts.priority === undefined ? most : Math.min(most, facts.priority);
}

function tenantPriority(registry: Pick<Registry, 'get'>, name: string): number {
  let tenant = registry.get('Tenant', name);
  for (let level = 0; tenant !== undefined && level < MAX_LEVELS; level += 1) {
    const { priority, parent } = tenant.spec;
    if (priority !== undefined) return priority;
    tenant = parent === undefined ? undefined : registry.get('Tenant', parent);
  }
  return 0;
}

/** Whether another model may still take the request: this one has no replica, or its queue has no place. */
export const isPassedOn = (error: unknown): boolean =>
  isPlatformError(error, 'no_endpoint') || isPlatformError(error, 'over_share') || isPlatformError(error, 'overloaded');
