import { isPlatformError } from '@maru/api/errors';
import type { Lease, Leases } from '#store';
import type { Timer } from '#time';
import type { BatchContext } from './batch-context.ts';
import type { BatchInfo } from './batch-info.ts';
import type { OpenLine } from './batch-store.ts';
import { finishBatch } from './finish-batch.ts';
import { type Candidate, pickNext } from './pick-next.ts';
import { driveParts } from './remote/drive-parts.ts';
import { failure, runLine } from './run-line.ts';
import { validateBatch } from './validate-batch.ts';

const LEASE = 'batches';
const LEASE_MS = 30_000;
/** Between two looks at what there is to do, when nothing wakes the runner. */
const LOOK_MS = 1000;
/** Between two looks while batches run: interactive traffic comes and goes. */
const BUSY_MS = 100;
const PAGE = 200;

interface Running {
  batch: BatchInfo;
  /** Lines that were read and wait for their turn. */
  waiting: OpenLine[];
  /** Last line that was read. */
  readTo: number;
  /** There may be more lines than those that were read. */
  more: boolean;
  inFlight: number;
  /** Validates, asks providers, or writes files. */
  busy: boolean;
  /** Until then there is nothing to do but wait for a provider. */
  restsUntilMs: number;
}

export interface BatchRunnerOptions extends BatchContext {
  readonly leases: Leases;
  /** Name of this process. */
  readonly holder: string;
}

/** Runs the batches of a database: one process at a time, line by line, in the capacity that is left over. */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  readonly #batches = new Map<string, Running>();
  readonly #perTenant = new Map<string, number>();
  readonly #served = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #work = new Set<Promise<void>>();
  #turn = 0;
  #lease: Lease | undefined;
  #timer: Timer | undefined;
  #stepping: Promise<void> | undefined;
  #again = false;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
  }

  /** Looks for work now, and from now on. */
  wake(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    this.#turnOver();
  }

  /** One step at a time: a call that comes while one runs is followed by another one. */
  #turnOver(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#stepping !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#again = false;
    this.#stepping = this.#step().finally(() => {
      this.#stepping = undefined;
      if (this.#stop.signal.aborted) return;
      if (this.#again) this.#turnOver();
      else this.#timer = this.#options.clock.schedule(this.#batches.size > 0 ? BUSY_MS : LOOK_MS, () => this.#turnOver());
    });
  }

  async #step(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      const nowMs = clock.nowMs();
      if (nowMs - this.#lookedMs >= LOOK_MS) {
        this.#lookedMs = nowMs;
        await this.#look();
      }
      for (const running of this.#batches.values()) this.#advance(running, nowMs);
      await this.#fill();
    } catch (error) {
      log.error({ code: (error as { code?: unknown }).code }, 'batches could not be looked at; they are tried again');
    }
  }

  /** Stops: lines that run are broken off and stay open for the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    await this.#stepping;
    await Promise.allSettled([...this.#work]);
    if (this.#lease !== undefined) await this.#options.leases.release(this.#lease);
  }

  /** What there is to do, as the database says. Another process may have the lease: then it is its work. */
  async #look(): Promise<void> {
    const { leases, holder, batches } = this.#options;
    this.#lease = await leases.acquire(LEASE, holder, LEASE_MS);
    const open = this.#lease === undefined ? [] : await batches.open();
    for (const batch of open) {
      const known = this.#batches.get(batch.id);
      if (known === undefined) this.#batches.set(batch.id, { batch, waiting: [], readTo: -1, more: true, inFlight: 0, busy: false, restsUntilMs: 0 });
      else {
        if (batch.state !== known.batch.state) known.restsUntilMs = 0;
        known.batch = batch;
      }
    }
    for (const id of this.#batches.keys()) if (!open.some((batch) => batch.id === id)) this.#batches.delete(id);
  }

  /** Validates what is new, and ends what has no more to run. */
  #advance(running: Running, nowMs: number): void {
    const { batch } = running;
    if (running.busy) return;
    const context = this.#options;
    if (batch.state === 'validating') this.#start(running, () => validateBatch(batch, context, this.#stop.signal));
    else if (running.inFlight > 0 || nowMs < restOf(running)) return;
    else if (batch.state === 'cancelling') this.#start(running, () => this.#endEarly(running, 'cancelled', 'batch_cancelled'));
    else if (nowMs >= batch.expiresMs) this.#start(running, () => this.#endEarly(running, 'expired', 'batch_expired'));
    else if (batch.state === 'finalizing') this.#start(running, () => finishBatch(batch, 'completed', context));
  }

  #start(running: Running, work: () => Promise<void>): void {
    running.busy = true;
    this.#track(
      work().finally(() => {
        running.busy = false;
      }),
    );
  }

  async #endEarly(running: Running, state: 'cancelled' | 'expired', code: string): Promise<void> {
    const { batch } = running;
    running.waiting = [];
    running.more = false;
    if (!(await this.#driveParts(running, true))) return;
    const message = state === 'expired' ? 'the batch was not complete when its time was over' : 'the batch was cancelled before this request ran';
    await this.#options.batches.endOpenLines(batch.id, (customId, index) => failure({ customId, index }, { code, message, batchId: batch.id }).answer);
    await finishBatch(batch, state, this.#options);
  }

  /** Whether no line is left with a provider. */
  async #driveParts(running: Running, ends: boolean): Promise<boolean> {
    const untilMs = await driveParts(running.batch, { context: this.#options, signal: this.#stop.signal, ends });
    running.restsUntilMs = untilMs ?? 0;
    return untilMs === undefined;
  }

  /** Starts lines while there is room. */
  async #fill(): Promise<void> {
    const { limits, ports, clock } = this.#options;
    for (;;) {
      const inFlight = [...this.#perTenant.values()].reduce((sum, count) => sum + count, 0);
      if (this.#stop.signal.aborted || inFlight >= Math.min(limits.maxParallel, ports.spare() + inFlight)) return;
      const ready: Candidate[] = [];
      for (const running of this.#batches.values()) {
        if (running.batch.state !== 'in_progress' || running.busy || clock.nowMs() >= running.batch.expiresMs || clock.nowMs() < running.restsUntilMs) continue;
        await this.#read(running);
        if (running.waiting.length > 0) ready.push({ batchId: running.batch.id, tenant: running.batch.tenant, createdMs: running.batch.createdMs });
        else if (running.inFlight === 0) this.#start(running, () => this.#finalize(running));
      }
      const next = pickNext(ready, { running: this.#perTenant, served: this.#served });
      const running = next === undefined ? undefined : this.#batches.get(next.batchId);
      const line = running?.waiting.shift();
      if (running === undefined || line === undefined) return;
      this.#run(running, line);
    }
  }

  async #read(running: Running): Promise<void> {
    if (running.waiting.length > 0 || !running.more) return;
    const page = await this.#options.batches.openLines(running.batch.id, { after: running.readTo, limit: PAGE });
    running.waiting.push(...page);
    running.readTo = page.at(-1)?.index ?? running.readTo;
    running.more = page.length === PAGE;
  }

  /** Ends the work on lines; what is still open in the database, for whatever reason, runs first. */
  async #finalize(running: Running): Promise<void> {
    const { batches, clock } = this.#options;
    if (running.more) return;
    const left = await batches.openLines(running.batch.id, { after: -1, limit: PAGE });
    if (left.length > 0) {
      running.waiting = [...left];
      running.readTo = left.at(-1)?.index ?? -1;
      running.more = true;
      return;
    }
    if (!(await this.#driveParts(running, false))) return;
    if (!(await batches.move(running.batch.id, ['in_progress'], { state: 'finalizing', finalizingMs: clock.nowMs() }))) return;
    running.batch = { ...running.batch, state: 'finalizing' };
  }

  #run(running: Running, line: OpenLine): void {
    const { batch } = running;
    const { batches, parts, clock, log } = this.#options;
    running.inFlight += 1;
    this.#turn += 1;
    this.#served.set(batch.tenant, this.#turn);
    this.#perTenant.set(batch.tenant, (this.#perTenant.get(batch.tenant) ?? 0) + 1);
    const work = async (): Promise<void> => {
      try {
        const end = await runLine(batch, line, { context: this.#options, signal: this.#stop.signal });
        if ('api' in end) await parts.add({ batchId: batch.id, index: line.index }, end, clock.nowMs());
        else await batches.endLine(batch.id, line.index, end);
      } catch (thrown) {
        if (this.#stop.signal.aborted || (isPlatformError(thrown) && thrown.code === 'shutting_down')) return;
        log.error({ batch: batch.id, line: line.index, code: (thrown as { code?: unknown }).code }, 'the outcome of a line could not be kept; it runs again');
        running.waiting.push(line);
      } finally {
        running.inFlight -= 1;
        const left = (this.#perTenant.get(batch.tenant) ?? 1) - 1;
        if (left > 0) this.#perTenant.set(batch.tenant, left);
        else this.#perTenant.delete(batch.tenant);
        this.#turnOver();
      }
    };
    this.#track(work());
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#options.log.error({ code: (error as { code?: unknown }).code }, 'a step of a batch failed; it is tried again');
      })
      .finally(() => {
        this.#work.delete(tracked);
        this.wake();
      });
    this.#work.add(tracked);
  }
}

/** A batch that ends early asks its providers as soon as that is known. */
const restOf = ({ batch, restsUntilMs }: Running): number => (batch.state === 'finalizing' ? 0 : restsUntilMs);
