import { PlatformError } from '@maru/api/errors';
import type { Clock, Ids } from '#time';
import type { AdmittedCall } from './call.ts';
import { engineSpan } from './call-spans.ts';
import type { ClientSink } from './client-sink.ts';
import { Lifetime } from './lifetime.ts';
import type { Attempt, Tracer } from './ports.ts';
import { runAttempt } from './run-attempt.ts';

/** More shadow requests than this are never under way: the mirror must not take the room of clients. */
const MAX_RUNNING = 32;
const LONGEST_MS = 300_000;

export interface MirrorTools {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly tracer: Tracer;
}

/** Shadow traffic: asks another engine the same, records its answer, and tells nobody. Never charged, never waited for. */
export class MirrorCalls {
  readonly #tools: MirrorTools;
  readonly #running = new Set<Lifetime>();

  constructor(tools: MirrorTools) {
    this.#tools = tools;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Returns at once; what goes wrong stands in the span. An upload is not mirrored: its bytes pass once. */
  start(call: AdmittedCall, attempt: Attempt): void {
    if (this.#running.size >= MAX_RUNNING || call.request.upload !== undefined) return;
    const lifetime = new Lifetime(this.#tools.clock);
    lifetime.setDeadline(LONGEST_MS);
    this.#running.add(lifetime);
    void this.#run({ ...call, lifetime, sink: NOWHERE }, attempt).finally(() => {
      lifetime.close();
      this.#running.delete(lifetime);
    });
  }

  /** Ends what is under way. */
  close(): void {
    for (const lifetime of this.#running) lifetime.end(new PlatformError('shutting_down', { message: 'the platform stopped' }));
  }

  async #run(call: AdmittedCall, attempt: Attempt): Promise<void> {
    const { clock, ids, tracer } = this.#tools;
    const ran = await runAttempt(call, attempt, { clock, ids });
    const span = engineSpan({ call, endMs: clock.nowMs(), ran, charged: undefined });
    tracer.record({ ...span, name: `mirror ${attempt.engine.endpoint}`, attributes: { ...span.attributes, mirror: true } });
  }
}

/** A client that reads everything and keeps nothing. */
const NOWHERE: ClientSink = {
  hasStarted: () => false,
  carriesEvents: () => false,
  start: () => undefined,
  write: () => true,
  onDrain: () => undefined,
  end: () => undefined,
  cut: () => undefined,
};
