import { PlatformError } from '@maru/api/errors';
import type { Run, Usage } from '@maru/api/records';
import { z } from 'zod';
import type { CallContext } from '../../ports.ts';
import type { Source, Tool, ToolSpec } from '../tool.ts';

/** Agents that may stand above one another; past it a call is refused. */
const MAX_AGENT_DEPTH = 4;

interface NestedRun {
  /** The same for every attempt of one tool call, so that a restarted parent finds the run that it has started. */
  readonly runId: string;
  readonly agent: string;
  readonly input: string;
  readonly depth: number;
  readonly context: CallContext;
}

export interface NestedAgents {
  /** Starts the run unless it exists, and resolves when it has ended; cancels it when the signal is aborted. */
  runToEnd(nested: NestedRun, signal: AbortSignal): Promise<Run>;
}

const argumentsSchema = z.strictObject({
  input: z.string().min(1).max(20_000).describe('The task or question, with everything that is needed to understand it.'),
});

/** Hands a task to another agent and returns its answer. */
export function createAgentTool(spec: ToolSpec<'agent'>, description: string | undefined, agents: NestedAgents): Tool {
  return {
    name: `ask-${spec.agent.replaceAll('.', '-')}`,
    description: spec.description ?? description ?? `Asks the agent "${spec.agent}".`,
    parameters: z.toJSONSchema(argumentsSchema),
    idempotent: true,
    async call(args, context) {
      const { input } = argumentsSchema.parse(args);
      if (context.depth + 1 > MAX_AGENT_DEPTH)
        throw new PlatformError('agent_loop', { message: `agents call each other ${MAX_AGENT_DEPTH} deep; "${spec.agent}" is not called` });
      const nested = { runId: `${context.runId}.${context.callId}`, agent: spec.agent, input, depth: context.depth + 1, context };
      const run = await agents.runToEnd(nested, context.signal);
      if (run.state !== 'succeeded')
        throw new PlatformError('tool_failed', { message: `the agent "${spec.agent}" has ${run.state}: ${run.error?.message ?? 'no reason given'}` });
      const output = run.output as { text?: string; sources?: readonly Source[]; usage?: Usage };
      return {
        content: JSON.stringify({ answer: output.text ?? '', runId: run.id }),
        sources: output.sources ?? [],
        ...(output.usage === undefined ? {} : { usage: output.usage }),
      };
    },
  };
}
