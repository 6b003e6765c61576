import { PlatformError } from '@maru/api/errors';
import type { FlowControl, FlowRequest, FlowSettings, FlowTicket, Router } from '#router';
import type { Pool } from '../ports.ts';

export interface PickQueueOptions {
  readonly flow: Pick<FlowControl, 'isOpen' | 'wait' | 'freed'>;
  readonly settings: FlowSettings;
  readonly pool: Pool;
  readonly router: Pick<Router, 'hasRoom'>;
}

/** Where requests wait while all endpoints of the pool are full. */
export interface PickQueue {
  readonly settings: FlowSettings;
  /**
   * Calls `place` when the turn of a request has come: at once where nobody waits. Rejects with what `place` throws, with why it was
   * shed, or with `cancelled` after `signal`.
   */
  enter<T>(request: FlowRequest, signal: AbortSignal, place: (queuedMs: number | undefined) => T): T | Promise<T>;
  /** A request has ended or shown its first token. */
  freed(): void;
}

export function createPickQueue({ flow, settings, pool, router }: PickQueueOptions): PickQueue {
  const model = { model: pool.model, settings, hasRoom: () => router.hasRoom(pool.endpoints(), settings.saturation) };
  return {
    settings,
    enter(request, signal, place) {
      // A pool without endpoints is no queue: who chooses says so.
      if (flow.isOpen(model) || pool.endpoints().length === 0) return place(undefined);
      return new Promise((resolve, reject) => {
        let ticket: FlowTicket | undefined;
        const leave = (): void => {
          ticket?.leave();
          reject(new PlatformError('cancelled', { message: 'the client went away while its request waited for an endpoint' }));
        };
        signal.addEventListener('abort', leave, { once: true });
        ticket = flow.wait(model, request, {
          go: (waitedMs) => {
            signal.removeEventListener('abort', leave);
            try {
              resolve(place(waitedMs));
            } catch (problem) {
              reject(problem);
            }
          },
          shed: (error) => {
            signal.removeEventListener('abort', leave);
            reject(error);
          },
        });
      });
    },
    freed: () => flow.freed(pool.model),
  };
}
