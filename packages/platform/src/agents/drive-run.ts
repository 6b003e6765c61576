import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import { type Agent, durationToMs } from '@maru/api/resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { loadGraph } from './load-graph.ts';
import type { ChatMessage } from './messages.ts';
import type { AgentPorts } from './ports.ts';
import type { RunHub } from './run-events.ts';
import { sumUsage, toOutput } from './run-result.ts';
import { type RunRow, readJson, toRun } from './run-row.ts';
import type { Claim, RunEnd, RunStore } from './run-store.ts';
import { createRunTrace, type RunTrace } from './run-trace.ts';
import { createStepLog, readSteps } from './step-log.ts';
import type { ToolCalls } from './tool-calls.ts';
import type { NestedAgents } from './tools/agent/agent-tool.ts';
import { createTools } from './tools/create-tools.ts';
import type { McpServers } from './tools/mcp/mcp-servers.ts';
import { createToolRunner } from './tools/run-tool.ts';

export interface DriveDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: AgentPorts;
  readonly runs: RunStore;
  readonly calls: ToolCalls;
  readonly hub: RunHub;
  readonly mcp: McpServers;
  readonly nested: NestedAgents;
  readonly leaseTtlMs: number;
  readonly captureContent: boolean;
}

/** A run that this process works on. */
export interface Drive {
  readonly runId: string;
  /** Resolves when the run has ended, waits for a person, or was given up. Never rejects. */
  readonly done: Promise<void>;
  cancel(): void;
  /** Stops model calls at once and lets tool calls finish for `graceMs`; the run goes on in the next process. */
  release(graceMs: number): void;
}

/** Works on a claimed run to its end. */
export function driveRun(deps: DriveDeps, claim: Claim, row: RunRow): Drive {
  const stopModels = new AbortController();
  const stopTools = new AbortController();
  const stop = (reason: PlatformError): void => {
    stopModels.abort(reason);
    stopTools.abort(reason);
  };
  let grace: { cancel(): void } | undefined;
  const done = work(deps, { claim, row, stop, modelSignal: stopModels.signal, toolSignal: stopTools.signal })
    .catch((error: unknown) => deps.log.error({ run: claim.runId, error: toPlatformError(error).message }, 'run given up'))
    .finally(() => grace?.cancel());
  return {
    runId: claim.runId,
    done,
    cancel: () => stop(cancelled(claim.runId)),
    release(graceMs) {
      stopModels.abort(shuttingDown());
      grace = deps.clock.schedule(graceMs, () => stopTools.abort(shuttingDown()));
    },
  };
}

interface Work {
  readonly claim: Claim;
  readonly row: RunRow;
  readonly stop: (reason: PlatformError) => void;
  readonly modelSignal: AbortSignal;
  readonly toolSignal: AbortSignal;
}

async function work(deps: DriveDeps, parts: Work): Promise<void> {
  const { claim, row } = parts;
  const trace = createRunTrace({ spans: deps.ports.spans, ids: deps.ids, row, captureContent: deps.captureContent });
  const agent = readJson(row.resource, `resource of run ${row.id}`) as Agent;
  const beat = startHeartbeat(deps, parts);
  const timeoutMs = durationToMs(agent.spec.timeout);
  const timer = deps.clock.schedule(Math.max(0, timeoutMs - row.active_ms), () => parts.stop(timedOut(agent)));
  let end: RunEnd | 'waiting' | 'queued' | undefined;
  try {
    if (row.cancel_requested !== 0) throw cancelled(row.id);
    end = await runToEnd(deps, parts, { agent, trace });
  } catch (thrown) {
    end = await endFor(deps, row, thrown);
  } finally {
    timer.cancel();
    await beat.close();
  }
  await settle(deps, { claim, row, trace, end });
}

async function runToEnd(deps: DriveDeps, parts: Work, { agent, trace }: { agent: Agent; trace: RunTrace }): Promise<RunEnd | 'waiting'> {
  const { store, clock, ports, runs, hub, calls } = deps;
  const { claim, row } = parts;
  const log = createStepLog({ store, clock, runs, claim, hub, trace });
  const context = { tenant: row.tenant, keyId: row.key_id, session: row.session ?? undefined, agent: row.agent, runId: row.id };
  const tools = await createTools({ agent, ports, clock, mcp: deps.mcp, nested: deps.nested, signal: parts.modelSignal });
  const runner = createToolRunner({
    tools,
    approvals: agent.spec.approvals,
    calls,
    log,
    hub,
    trace,
    nowMs: () => clock.nowMs(),
    context,
    depth: row.depth,
    signal: parts.toolSignal,
  });
  const { runGraph } = await loadGraph();
  const messages = readJson(row.messages, `messages of run ${row.id}`) as ChatMessage[];
  const outcome = await runGraph(store, { agent, tools, runner, models: ports.models, log, hub, trace, context, signal: parts.modelSignal }, messages);
  if (!outcome.ended) return 'waiting';
  const output = toOutput(outcome.text, outcome.sources, await readSteps(store, row.id));
  return { state: 'succeeded', output, usage: output.usage };
}

/** What becomes of the run after an error; undefined when another process has it. */
async function endFor(deps: DriveDeps, row: RunRow, thrown: unknown): Promise<RunEnd | 'queued' | undefined> {
  const error = toPlatformError(thrown, 'run_failed');
  if (error.code === 'lease_lost') return undefined;
  if (error.code === 'shutting_down') return 'queued';
  if (!isPlatformError(thrown)) deps.log.error({ run: row.id, error: String((thrown as Error | undefined)?.stack ?? thrown) }, 'run failed unexpectedly');
  const usage = sumUsage(await readSteps(deps.store, row.id));
  return { state: error.code === 'cancelled' ? 'cancelled' : 'failed', error: { code: error.code, message: error.message }, usage };
}

async function settle(
  deps: DriveDeps,
  { claim, row, trace, end }: { claim: Claim; row: RunRow; trace: RunTrace; end: RunEnd | 'waiting' | 'queued' | undefined },
): Promise<void> {
  const { runs, hub, log } = deps;
  hub.forget(row.id);
  if (end === undefined) {
    log.warn({ run: row.id }, 'run taken over by another process');
    return;
  }
  if (end === 'waiting' || end === 'queued') {
    await runs.pause(claim, end);
    // A decision that came before the pause found the run at work, and could not wake it.
    if (end === 'waiting' && (await deps.calls.pending(row.id)).length === 0) await runs.requeue(row.id);
    log.info({ run: row.id, agent: row.agent, state: end }, 'run paused');
    return;
  }
  const ended = await runs.end(claim, end);
  trace.record({
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: `agent ${row.agent}`,
    kind: 'agent',
    startMs: row.started_ms ?? row.created_ms,
    endMs: ended.ended_ms,
    status: end.state === 'succeeded' ? 'ok' : 'error',
    ...(end.error === undefined ? {} : { statusMessage: `${end.error.code}: ${end.error.message}` }),
    input: readJson(row.input, `input of run ${row.id}`),
    output: end.output,
  });
  hub.emit(row.id, { type: 'run-end', run: toRun(ended) });
  log.info({ run: row.id, agent: row.agent, state: end.state, ...(end.error === undefined ? {} : { error: end.error.code }) }, 'run ended');
  const { forgetRun } = await loadGraph();
  await forgetRun(deps.store, row.id);
}

/** Keeps the lease and hears of a cancel that another process asked for. */
function startHeartbeat(deps: DriveDeps, parts: Work): { close(): Promise<void> } {
  const { clock, runs } = deps;
  let worked = clock.monotonicMs();
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let timer = clock.schedule(deps.leaseTtlMs / 3, tick);
  const renew = async (): Promise<void> => {
    const now = clock.monotonicMs();
    const { cancelRequested } = await runs.renew(parts.claim, Math.round(now - worked));
    worked = now;
    if (cancelRequested) parts.stop(cancelled(parts.claim.runId));
  };
  function tick(): void {
    running = renew()
      .catch((error: unknown) => {
        if (isPlatformError(error, 'lease_lost')) parts.stop(error);
        else deps.log.warn({ run: parts.claim.runId, error: String(error) }, 'lease not renewed');
      })
      .finally(() => {
        if (!closed) timer = clock.schedule(deps.leaseTtlMs / 3, tick);
      });
  }
  return {
    async close() {
      closed = true;
      timer.cancel();
      await running;
      await renew().catch(() => undefined);
    },
  };
}

const cancelled = (runId: string): PlatformError => new PlatformError('cancelled', { message: `run ${runId} was cancelled` });
const shuttingDown = (): PlatformError =>
  new PlatformError('shutting_down', { message: 'the platform is about to stop; the run goes on after the next start' });
const timedOut = (agent: Agent): PlatformError =>
  new PlatformError('run_timeout', { message: `the agent "${agent.metadata.name}" took longer than its timeout of ${agent.spec.timeout}` });
