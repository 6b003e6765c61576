import { PlatformError } from '@maru/api/errors';
import { LiveMap } from '#memory';
import type { Clock } from '#time';
import type { Lifetime } from './lifetime.ts';

/** The calls that run, so that the gateway can stop without cutting them. */
export class ActiveCalls {
  readonly #lifetimes = new LiveMap<number, Lifetime>();
  #entered = 0;
  #closing = false;
  #idle: (() => void) | undefined;

  get size(): number {
    return this.#lifetimes.size;
  }

  /** Throws `shutting_down` once the gateway has begun to stop. */
  enter(lifetime: Lifetime): void {
    if (this.#closing) throw new PlatformError('shutting_down', { message: 'the platform is about to stop; send the request again', retryAfterS: 5 });
    this.#entered += 1;
    lifetime.ticket = this.#entered;
    this.#lifetimes.set(lifetime.ticket, lifetime);
  }

  leave(lifetime: Lifetime): void {
    lifetime.close();
    this.#lifetimes.take(lifetime.ticket);
    if (this.#lifetimes.size === 0) this.#idle?.();
  }

  /** Takes no more calls, lets the running ones finish for `graceMs`, then ends them; resolves when none is left. */
  async close(clock: Clock, graceMs: number): Promise<void> {
    this.#closing = true;
    if (this.#lifetimes.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#idle = resolve));
    const timer = clock.schedule(graceMs, () => {
      for (const [, lifetime] of this.#lifetimes)
        lifetime.end(new PlatformError('shutting_down', { message: 'the platform stopped before the answer was complete' }));
    });
    await empty;
    timer.cancel();
  }
}
