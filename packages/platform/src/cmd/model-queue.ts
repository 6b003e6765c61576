import { isPlatformError, type PlatformError } from '@maru/api/errors';
import type { Model, Route } from '@maru/api/resources';
import type { RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import { decodeEndpoints, type FlowModel, type FlowRequest, type FlowTicket, flowSettings } from '#router';
import type { PlacementOptions } from './placement-options.ts';

type Options = Pick<PlacementOptions, 'flow' | 'registry' | 'pool' | 'router' | 'clock'>;

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;
/** A tenant is not looked for above so many others. */
const MAX_LEVELS = 16;

/** Models as their queues see them, made once for each Model as it is in force. */
export class FlowModels {
  readonly options: Options;
  readonly #known = new WeakMap<Model, FlowModel>();

  constructor(options: Options) {
    this.options = options;
  }

  /** Undefined where nobody waits for the model. */
  of(name: string): FlowModel | undefined {
    const { registry, pool, router } = this.options;
    const model = registry.get('Model', name);
    const known = model === undefined ? undefined : this.#known.get(model);
    if (known !== undefined) return known;
    const settings = flowSettings(model?.spec.flowControl);
    if (settings === undefined) return undefined;
    const made = { model: name, settings, hasRoom: () => router.hasRoom(decodeEndpoints(pool.enginesOf(name)), settings.saturation) };
    if (model !== undefined) this.#known.set(model, made);
    return made;
  }
}

interface QueuedRequest {
  readonly facts: RequestFacts;
  readonly priority: number;
  /** Time that the request has for its first token, in milliseconds from now. */
  readonly withinMs: number | undefined;
}

/** The queues of models, as one request sees them. */
export class ModelQueue {
  readonly #models: FlowModels;
  readonly #request: QueuedRequest;
  readonly #deadlineMs: number | undefined;
  #leave: ((reason: PlatformError) => void) | undefined;

  constructor(models: FlowModels, request: QueuedRequest) {
    this.#models = models;
    this.#request = request;
    this.#deadlineMs = request.withinMs === undefined ? undefined : models.options.clock.monotonicMs() + request.withinMs;
  }

  /** Whether the request may be placed on this model without waiting. */
  isOpen(name: string): boolean {
    const model = this.#models.of(name);
    return model === undefined || this.#models.options.flow.isOpen(model);
  }

  /** Places the request when its turn has come: at once where nobody waits. The promise rejects with what `place` throws or why it was shed. */
  enter<T>(name: string, place: (queuedMs: number | undefined) => T): T | Promise<T> {
    const { flow } = this.#models.options;
    const model = this.#models.of(name);
    if (model === undefined || flow.isOpen(model)) return place(undefined);
    return new Promise<T>((resolve, reject) => {
      let ticket: FlowTicket | undefined;
      this.#leave = (reason) => {
        ticket?.leave();
        reject(reason);
      };
      ticket = flow.wait(model, this.#waiter(), {
        go: (waitedMs) => {
          this.#leave = undefined;
          try {
            resolve(place(waitedMs));
          } catch (problem) {
            reject(problem);
          }
        },
        shed: reject,
      });
    });
  }

  /** Gives the place up: the promise rejects with the reason. */
  abandon(reason: PlatformError): void {
    this.#leave?.(reason);
  }

  #waiter(): FlowRequest {
    const { facts, priority } = this.#request;
    return {
      priority,
      tenant: facts.principal.tenant,
      program: facts.session ?? facts.agent ?? facts.principal.keyId,
      costTokens: facts.promptTokens + Math.min(USUAL_ANSWER_TOKENS, facts.maxTokens ?? USUAL_ANSWER_TOKENS),
      bytes: facts.body.length,
      deadlineMs: this.#deadlineMs,
    };
  }
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
