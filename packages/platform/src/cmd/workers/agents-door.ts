import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { PlatformError, toPlatformError } from '@maru/api/errors';
import { type Agents, createAgentEngine } from '#agents';
import { ENGINE_OPERATIONS } from '#engines';
import { clientSignal, readBody, sendJsonWith } from '#http';
import type { Registry } from '#resources';
import type { Clock } from '#time';

/** Headers between a worker and the main process; neither comes from a client nor goes to one. */
export const DOOR_HEADERS = Object.freeze({ operation: 'x-maru-operation', stream: 'x-maru-stream', thrown: 'x-maru-thrown' });

export interface AgentsDoorOptions {
  readonly agents: Agents;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
}

/**
 * Answers `POST /NAME` for an agent of this process. Whoever can reach it is believed about who pays, so that it must listen where only
 * workers can: on a socket in a folder of this user.
 */
export const agentsDoor =
  ({ agents, registry, clock, maxBodyBytes }: AgentsDoorOptions) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const name = decodeURIComponent((request.url ?? '/').slice(1));
      const agent = registry.get('Agent', name);
      if (agent === undefined) throw new PlatformError('model_not_found', { message: `there is no agent called "${name}"` });
      const operation = ENGINE_OPERATIONS.find((each) => each === request.headers[DOOR_HEADERS.operation]) ?? 'chat';
      const stream = request.headers[DOOR_HEADERS.stream] === 'true';
      const headers = Object.fromEntries(Object.entries(request.headers).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
      const signal = clientSignal(request, response);
      const body = await readBody(request, maxBodyBytes);
      const reply = await createAgentEngine(agent, { agents, nowMs: () => clock.nowMs() }).call({ operation, body, stream, headers, signal });
      response.writeHead(reply.status, reply.headers);
      response.flushHeaders();
      // A body that breaks breaks the connection: the worker sees a cut answer, as from any engine.
      pipeline(Readable.from(reply.body, { objectMode: false }), response, () => undefined);
    } catch (thrown) {
      const { code, message, details, retryAfterS, status } = toPlatformError(thrown);
      sendJsonWith(response, { status, headers: { [DOOR_HEADERS.thrown]: 'true' } }, { code, message, details, retryAfterS });
    }
  };
