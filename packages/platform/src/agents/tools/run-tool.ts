import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import { abortable } from '../abortable.ts';
import type { ChatToolCall } from '../messages.ts';
import type { CallContext } from '../ports.ts';
import type { RunHub } from '../run-events.ts';
import { readJson } from '../run-row.ts';
import { formatTraceparent, type RunTrace } from '../run-trace.ts';
import type { OpenStep, StepLog, StepStart } from '../step-log.ts';
import { type CallFacts, readArguments, type ToolCalls } from '../tool-calls.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { validateArguments } from './validate-arguments.ts';

export interface ToolRunner {
  /** Whether the call may run now; false when a person has to be asked first, which is written down. */
  admit(call: ChatToolCall, index: number): Promise<boolean>;
  /** The result of the call: from the log when the call has completed before, else by making it. */
  run(call: ChatToolCall, index: number): Promise<ToolResult>;
}

export interface ToolRunnerOptions {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly approvals: readonly string[];
  readonly calls: ToolCalls;
  readonly log: StepLog;
  readonly hub: RunHub;
  readonly trace: RunTrace;
  readonly nowMs: () => number;
  readonly context: Omit<CallContext, 'traceparent'>;
  readonly depth: number;
  readonly signal: AbortSignal;
}

const MAX_RESULT_CHARACTERS = 100_000;

export function createToolRunner(options: ToolRunnerOptions): ToolRunner {
  const { tools, calls, log, hub } = options;
  const { runId } = options.context;

  const factsOf = (call: ChatToolCall, index: number): CallFacts => ({
    runId,
    callId: call.id,
    index,
    tool: call.function.name,
    arguments: call.function.arguments,
  });
  const stepOf = (call: ChatToolCall, index: number): StepStart => ({
    index,
    name: call.function.name,
    kind: 'tool',
    input: { callId: call.id, arguments: readArguments(call.function.arguments) },
  });

  const finish = async (open: OpenStep, call: ChatToolCall, outcome: Outcome): Promise<ToolResult> => {
    await log.end(open, {
      state: outcome.error === undefined ? 'succeeded' : 'failed',
      output: outcome.result,
      ...(outcome.error === undefined ? {} : { error: { code: outcome.error.code, message: outcome.error.message } }),
      also: (db) => calls.markCompleted(db, { runId, callId: call.id }, outcome.result),
      event: {
        type: 'tool-end',
        callId: call.id,
        tool: call.function.name,
        result: readArguments(outcome.result.content),
        ...(outcome.error === undefined ? {} : { error: outcome.error.message }),
        index: open.index,
      },
    });
    return outcome.result;
  };

  return {
    async admit(call, index) {
      const row = await calls.find({ runId, callId: call.id });
      const tool = tools.get(call.function.name);
      if (row === undefined) {
        if (tool === undefined || !options.approvals.includes(tool.name)) return true;
        await log.hold(stepOf(call, index), (db) => calls.ask(db, factsOf(call, index), 'approval'));
        return false;
      }
      if (row.state === 'started' && tool !== undefined && !tool.idempotent) {
        await log.hold(stepOf(call, index), (db) => calls.ask(db, factsOf(call, index), 'uncertain'));
        return false;
      }
      return row.state !== 'awaiting';
    },

    async run(call, index) {
      const row = await calls.find({ runId, callId: call.id });
      if (row?.state === 'completed' && row.result !== null) return readJson(row.result, `result of ${call.id} in run ${runId}`) as ToolResult;
      if (row?.state === 'denied') {
        const open = await log.begin(stepOf(call, index));
        return finish(open, call, failure(new PlatformError('forbidden', { message: denial(row.question) })));
      }
      const open = await log.begin(stepOf(call, index), (db) => calls.markStarted(db, factsOf(call, index)));
      hub.emit(runId, { type: 'tool-start', callId: call.id, tool: call.function.name, arguments: readArguments(call.function.arguments), index });
      return finish(open, call, await attempt(options, call, open));
    },
  };
}

interface Outcome {
  readonly result: ToolResult;
  readonly error?: PlatformError;
}

/** Makes the call; whatever the tool throws becomes something that the model can read. */
async function attempt(options: ToolRunnerOptions, call: ChatToolCall, open: OpenStep): Promise<Outcome> {
  const { tools, signal } = options;
  try {
    const tool = tools.get(call.function.name);
    if (tool === undefined) throw unknownTool(call.function.name, [...tools.keys()]);
    const args = await validateArguments(tool, call.function.arguments);
    const result = await abortable(tool.call(args, toolContext(options, call, open)), signal);
    const content = cut(result.content);
    if (result.isError !== true) return { result: { ...result, content } };
    return { result: { ...result, content }, error: new PlatformError('tool_failed', { message: content.slice(0, 500) }) };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (isPlatformError(thrown, 'lease_lost') || isPlatformError(thrown, 'shutting_down')) throw thrown;
    return failure(toPlatformError(thrown, 'tool_failed'));
  }
}

function toolContext(options: ToolRunnerOptions, call: ChatToolCall, open: OpenStep): ToolContext {
  const { trace, nowMs } = options;
  return {
    ...options.context,
    callId: call.id,
    depth: options.depth,
    signal: options.signal,
    traceparent: formatTraceparent(trace.traceId, open.spanId),
    async span(name, kind, work) {
      const spanId = trace.newSpanId();
      const startMs = nowMs();
      const record = (status: 'ok' | 'error', statusMessage?: string): void =>
        trace.record({
          spanId,
          parentSpanId: open.spanId,
          name,
          kind,
          startMs,
          endMs: nowMs(),
          status,
          ...(statusMessage === undefined ? {} : { statusMessage }),
        });
      try {
        const value = await work(formatTraceparent(trace.traceId, spanId));
        record('ok');
        return value;
      } catch (thrown) {
        const error = toPlatformError(thrown);
        record('error', `${error.code}: ${error.message}`);
        throw thrown;
      }
    },
  };
}

function failure(error: PlatformError): Outcome {
  return { result: { content: JSON.stringify({ error: { code: error.code, message: error.message } }), isError: true }, error };
}

const unknownTool = (name: string, known: readonly string[]): PlatformError =>
  new PlatformError('tool_not_found', {
    message: `there is no tool "${name.slice(0, 100)}"; the tools are ${known.length === 0 ? '(none)' : known.join(', ')}`,
  });

const denial = (question: string | null): string =>
  question === 'uncertain'
    ? 'the process stopped during this call; whether it took effect is unknown, and a person decided not to repeat it'
    : 'a person declined this call; do not ask for it again';

const cut = (content: string): string =>
  content.length <= MAX_RESULT_CHARACTERS ? content : `${content.slice(0, MAX_RESULT_CHARACTERS)}\n[cut: the result has ${content.length} characters]`;
