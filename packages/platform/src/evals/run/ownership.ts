import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import type { Clock, Timer } from '#time';

const BEAT_EVERY_MS = 5_000;
const SILENT_AFTER_MS = 20_000;

export interface OwnershipDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Who works on a run. A run that nobody is heard of any more can be taken over; two never finish rows of one run. */
export class Ownership {
  readonly #deps: OwnershipDeps;
  readonly #runId: string;
  readonly owner: string;
  readonly #lost: () => void;
  #timer: Timer | undefined;
  #beating: Promise<unknown> = Promise.resolve();

  private constructor(deps: OwnershipDeps, of: { runId: string; owner: string; lost: () => void }) {
    this.#deps = deps;
    this.#runId = of.runId;
    this.owner = of.owner;
    this.#lost = of.lost;
  }

  /** Takes the run; throws `conflict` while another process works on it. `lost` is called when it is taken away later. */
  static async take(deps: OwnershipDeps, of: { runId: string; owner: string; lost: () => void }): Promise<Ownership> {
    const nowMs = Math.round(deps.clock.nowMs());
    const taken = await deps.store.db
      .updateTable('evaluation_run')
      .set({ owner: of.owner, heartbeat_ms: nowMs, state: 'running', error_code: null, error_message: null, ended_ms: null })
      .where('id', '=', of.runId)
      // A SQLite file belongs to one process: an owner that is still noted there is dead.
      .$if(deps.store.dialect === 'postgres', (query) =>
        query.where((eb) => eb.or([eb('owner', 'is', null), eb('heartbeat_ms', '<', nowMs - SILENT_AFTER_MS)])),
      )
      .executeTakeFirst();
    if (taken.numUpdatedRows === 0n)
      throw new PlatformError('conflict', {
        message: `another process works on the evaluation run ${of.runId}; it can be taken over ${SILENT_AFTER_MS / 1000} s after that one is gone`,
      });
    const ownership = new Ownership(deps, of);
    ownership.#schedule();
    return ownership;
  }

  /** Says that the work goes on; throws `lease_lost` when somebody else has taken it over. */
  async confirm(): Promise<void> {
    const result = await this.#deps.store.db
      .updateTable('evaluation_run')
      .set({ heartbeat_ms: Math.round(this.#deps.clock.nowMs()) })
      .where('id', '=', this.#runId)
      .where('owner', '=', this.owner)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) throw takenOver(this.#runId);
  }

  /** Lets go of the run, so that it can be taken over at once. */
  async release(): Promise<void> {
    this.#timer?.cancel();
    await this.#beating;
    await this.#deps.store.db.updateTable('evaluation_run').set({ owner: null }).where('id', '=', this.#runId).where('owner', '=', this.owner).execute();
  }

  #schedule(): void {
    this.#timer = this.#deps.clock.schedule(BEAT_EVERY_MS, () => {
      this.#schedule();
      this.#beating = this.confirm().catch((error: unknown) => {
        // A database that is away for a moment is no loss: the next beat asks again.
        if (isPlatformError(error, 'lease_lost')) this.#lost();
      });
    });
  }
}

/** Somebody else works on the run now. */
export const takenOver = (runId: string): PlatformError =>
  new PlatformError('lease_lost', { message: `the evaluation run ${runId} is worked on by another process now` });
