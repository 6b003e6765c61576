import { AsyncLocalStorage } from 'node:async_hooks';
import { PlatformError, toPlatformError } from '@maru/api/errors';
import type { Run, RunStep } from '@maru/api/records';
import type { Agent } from '@maru/api/resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { type Drive, type DriveDeps, driveRun } from './drive-run.ts';
import { listRuns, type RunFilters, type RunPage } from './list-runs.ts';
import type { AgentPorts } from './ports.ts';
import { createRunHub, type RunEvent } from './run-events.ts';
import { isEnded, type RunRow, toRun } from './run-row.ts';
import { createRunStore } from './run-store.ts';
import { type NestedOptions, newRun, type StartOptions } from './start-run.ts';
import { readSteps } from './step-log.ts';
import { type StreamOptions, streamRun } from './stream-run.ts';
import { createToolCalls, type PendingCall } from './tool-calls.ts';
import type { NestedAgents } from './tools/agent/agent-tool.ts';
import { createMcpServers } from './tools/mcp/mcp-servers.ts';

export interface AgentsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: AgentPorts;
  /** After this time without a sign of life another process may take a run over. */
  readonly leaseTtlMs: number;
  /** Runs that this process works on at once; others stay queued. Nested runs do not count. */
  readonly maxConcurrentRuns?: number;
  /** Value of PATH for tool servers that are child processes. */
  readonly searchPath: string;
  /** Puts questions and answers into spans. */
  readonly captureContent?: boolean;
}

/** Agents and their durable runs. */
export interface Agents {
  /**
   * Writes a run down and begins it; once this resolves, the run survives a kill of the process.
   * Throws `invalid_request` when there is no question, `shutting_down` after `close`.
   */
  start(agent: Agent, options: StartOptions): Promise<Run>;
  /** The events of a run, from its beginning or after a step; ends after `run-end`. Throws `not_found`. */
  stream(runId: string, options: StreamOptions): AsyncIterable<RunEvent>;
  /**
   * Takes up runs that nobody works on and looks for more of them from then on; returns their ids.
   * `takeOver` ignores leases that are still running: only for a process that knows it is alone with its database.
   */
  resume(options?: { takeOver?: boolean }): Promise<readonly string[]>;
  get(runId: string): Promise<Run | undefined>;
  steps(runId: string): Promise<readonly RunStep[]>;
  list(filters?: RunFilters): Promise<RunPage>;
  /** Tool calls of a run that wait for a person. */
  approvals(runId: string): Promise<readonly PendingCall[]>;
  /** Ends a run; a model call in progress is stopped at once. Throws `not_found`; a run that has ended is left as it is. */
  cancel(runId: string): Promise<Run>;
  /** Decides about a waiting tool call. Throws `not_found` for an unknown run, `conflict` when the call does not wait. */
  approve(runId: string, callId: string, approved: boolean): Promise<Run>;
  /** Stops all work; runs go on after the next start. Tool calls in progress get `graceMs` (10 s) to finish. */
  close(options?: { graceMs?: number }): Promise<void>;
}

/** Opens the room; nothing runs before `start` or `resume`. */
export function createAgents(options: AgentsOptions): Agents {
  const { store, clock, ids, log, ports, leaseTtlMs } = options;
  const limit = options.maxConcurrentRuns ?? 32;
  const holder = ids.next('holder');
  const runs = createRunStore(store, clock, leaseTtlMs);
  const calls = createToolCalls(store, clock);
  const hub = createRunHub();
  const mcp = createMcpServers({ toolServers: ports.toolServers, clock, log, searchPath: options.searchPath });
  const active = new Map<string, Drive>();
  // LangGraph hands its configuration on through the async context: a run that is started by a tool would become a subgraph.
  const outsideOfGraphs = AsyncLocalStorage.snapshot();
  const claiming = new Set<Promise<boolean>>();
  let closed = false;
  let sweep: { cancel(): void } | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();

  const nested: NestedAgents = { runToEnd };
  const deps: DriveDeps = { store, clock, ids, log, ports, runs, calls, hub, mcp, nested, leaseTtlMs, captureContent: options.captureContent ?? false };

  /** Works on the run when nobody else does; nested runs do not wait for a place, since their parent holds one. */
  async function take(runId: string, place: 'counted' | 'free'): Promise<boolean> {
    if (closed || active.has(runId) || (place === 'counted' && active.size >= limit)) return false;
    const claimed = await runs.claim(runId, holder);
    if (claimed === undefined) return false;
    const drive = outsideOfGraphs(() => driveRun(deps, claimed.claim, claimed.row));
    active.set(runId, drive);
    if (closed) drive.release(0);
    void drive.done.then(() => {
      active.delete(runId);
      return lookForWork();
    });
    return true;
  }

  /** Claims are awaited by `close`, so that none begins behind its back. */
  function tracked(work: Promise<boolean>): Promise<boolean> {
    claiming.add(work);
    return work.finally(() => claiming.delete(work));
  }

  /** Takes queued runs while there are places; failures are logged, since the next look tries again. */
  async function lookForWork(): Promise<readonly string[]> {
    const taken: string[] = [];
    if (closed) return taken;
    try {
      for (const id of await runs.unattended(limit * 2)) if (await tracked(take(id, 'counted'))) taken.push(id);
    } catch (error) {
      if (!closed) log.error({ error: toPlatformError(error).message }, 'queued runs could not be read');
    }
    return taken;
  }

  function scheduleSweep(): void {
    if (closed || sweep !== undefined) return;
    sweep = clock.schedule(leaseTtlMs, () => {
      sweep = undefined;
      sweeping = lookForWork().then(scheduleSweep);
    });
  }

  async function begin(agent: Agent, start: StartOptions & { nested?: NestedOptions }): Promise<Run> {
    if (closed) throw new PlatformError('shutting_down', { message: 'the platform is about to stop; start the run again in a moment' });
    const row = await newRun({ store, clock, ids }, agent, start);
    const inserted = await runs.insert(row);
    const run = inserted ? toRun(row as RunRow) : await needRun(row.id);
    if (inserted) {
      hub.emit(run.id, { type: 'run-queued', run });
      log.info({ run: run.id, agent: run.resource }, 'run queued');
    }
    await tracked(take(run.id, start.nested === undefined ? 'counted' : 'free'));
    return run;
  }

  async function runToEnd({ agent, input, depth, context, runId }: Parameters<NestedAgents['runToEnd']>[0], signal: AbortSignal): Promise<Run> {
    const resource = ports.agents.find(agent);
    if (resource === undefined) throw new PlatformError('reference_missing', { message: `there is no Agent "${agent}"` });
    const payer = { tenant: context.tenant, keyId: context.keyId, ...(context.session === undefined ? {} : { session: context.session }) };
    await begin(resource, { input, ...payer, traceparent: context.traceparent, nested: { runId, parentRunId: context.runId, depth } });
    for await (const event of streamRun({ store, clock, runs, hub }, runId, { signal })) if (event.type === 'run-end') return event.run;
    // At a shutdown the nested run is given up like its parent, and goes on with it; every other abort ends it.
    if (!closed) await cancel(runId);
    throw signal.reason;
  }

  async function needRun(runId: string): Promise<Run> {
    const row = await runs.get(runId);
    if (row === undefined) throw new PlatformError('not_found', { message: `there is no run "${runId}"` });
    return toRun(row);
  }

  async function cancel(runId: string): Promise<Run> {
    const row = await runs.requestCancel(runId);
    if (row === undefined) throw new PlatformError('not_found', { message: `there is no run "${runId}"` });
    const drive = active.get(runId);
    if (drive !== undefined) {
      drive.cancel();
      await drive.done;
    } else if (row.state === 'cancelled') {
      hub.emit(runId, { type: 'run-end', run: toRun(row) });
    }
    return needRun(runId);
  }

  return {
    start: begin,
    stream: (runId, stream) => streamRun({ store, clock, runs, hub }, runId, stream),
    get: async (runId) => {
      const row = await runs.get(runId);
      return row === undefined ? undefined : toRun(row);
    },
    steps: (runId) => readSteps(store, runId),
    list: (filters) => listRuns(store, filters),
    approvals: (runId) => calls.pending(runId),
    cancel,
    async resume({ takeOver = false } = {}) {
      if (takeOver) await runs.dropLeases(holder);
      const taken = await lookForWork();
      scheduleSweep();
      if (taken.length > 0) log.info({ runs: taken.length }, 'runs resumed');
      return taken;
    },
    async approve(runId, callId, approved) {
      const run = await needRun(runId);
      if (isEnded(run.state)) throw new PlatformError('conflict', { message: `run ${runId} has ${run.state}; its calls can not be decided any more` });
      if (!(await calls.decide({ runId, callId }, approved)))
        throw new PlatformError('conflict', { message: `the call "${callId}" of run ${runId} does not wait for a decision` });
      log.info({ run: runId, call: callId, approved }, 'tool call decided');
      if ((await calls.pending(runId)).length > 0) return needRun(runId);
      await runs.requeue(runId);
      await tracked(take(runId, 'counted'));
      return needRun(runId);
    },
    async close({ graceMs = 10_000 } = {}) {
      closed = true;
      sweep?.cancel();
      for (const drive of active.values()) drive.release(graceMs);
      await Promise.allSettled([...claiming]);
      await Promise.allSettled([...active.values()].map((drive) => drive.done));
      await sweeping;
      await mcp.close();
    },
  };
}
