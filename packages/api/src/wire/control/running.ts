import { z } from 'zod';
import { runSchema, runStepSchema } from '../../records/index.ts';
import { agentKind } from '../../resources/index.ts';
import { pageOf } from './page.ts';

/** `GET /api/v1/agents`. */
export const agentListSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      /** Name for OpenAI clients: `agent/<name>`. */
      modelId: z.string(),
      spec: agentKind.spec,
      graph: z.object({
        nodes: z.array(z.object({ id: z.string(), label: z.string(), kind: z.enum(['start', 'model', 'tool', 'plan', 'evaluate', 'end']) })),
        edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string().optional() })),
      }),
      lastRun: runSchema.nullable(),
    }),
  ),
});
export type AgentInfo = z.infer<typeof agentListSchema>['items'][number];

/** `GET /api/v1/runs?kind=&resource=&state=&cursor=&limit=`. */
export const runPageSchema = pageOf(runSchema);
/** `GET /api/v1/runs/{id}`. `POST /api/v1/runs/{id}:cancel`; `POST /api/v1/runs/{id}:resume`; `POST /api/v1/runs/{id}:approve` with {@link approvalSchema}. */
export const runDetailSchema = z.object({
  run: runSchema,
  steps: z.array(runStepSchema),
  approvals: z.array(z.object({ callId: z.string(), tool: z.string(), arguments: z.unknown() })),
});
export const approvalSchema = z.strictObject({ callId: z.string(), approved: z.boolean(), comment: z.string().optional() });

/** `POST /api/v1/agents/{name}/runs`: answers with server-sent {@link runEventSchema} events when `accept: text/event-stream`, else with the run (202). */
export const newAgentRunSchema = z.strictObject({
  input: z.string().min(1).max(200_000),
  session: z.string().max(200).optional(),
});
/** Data of a server-sent event of a run; also `GET /api/v1/runs/{id}/events`. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-queued'), run: runSchema }),
  z.object({ type: z.literal('step-start'), step: runStepSchema }),
  z.object({ type: z.literal('text-delta'), text: z.string() }),
  z.object({ type: z.literal('tool-start'), callId: z.string(), tool: z.string(), arguments: z.unknown() }),
  z.object({ type: z.literal('tool-end'), callId: z.string(), tool: z.string(), result: z.unknown(), error: z.string().optional() }),
  z.object({ type: z.literal('step-end'), step: runStepSchema }),
  z.object({ type: z.literal('run-end'), run: runSchema }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

/** `GET /api/v1/pipelines`. `POST /api/v1/pipelines/{name}/runs` starts one (202 with the run). */
export const pipelineListSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      description: z.string().nullable(),
      steps: z.array(z.object({ name: z.string(), type: z.string(), needs: z.array(z.string()) })),
      lastRun: runSchema.nullable(),
    }),
  ),
});
