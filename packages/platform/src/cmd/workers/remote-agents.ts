import { ERROR_CODES, PlatformError } from '@maru/api/errors';
import type { Agent } from '@maru/api/resources';
import { z } from 'zod';
import { AGENT_HEADERS } from '#agents';
import type { Engine, EngineReply } from '#engines';
import type { RequestFacts } from '#gateway';
import type { Upstream, UpstreamReply } from '#http';
import { DOOR_HEADERS } from './agents-door.ts';

const thrownSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  retryAfterS: z.number().optional(),
});

/** Agents of the main process as engines of a worker: who pays is set here and never taken from a client. */
export const remoteAgents =
  (main: Upstream) =>
  (agent: Agent, facts: RequestFacts): Engine => {
    const { name } = agent.metadata;
    const model = `agent/${name}`;
    const identity = {
      [AGENT_HEADERS.tenant]: facts.principal.tenant,
      [AGENT_HEADERS.keyId]: facts.principal.keyId,
      ...(facts.session === undefined ? {} : { [AGENT_HEADERS.session]: facts.session }),
    };
    return {
      endpoint: model,
      model,
      provider: 'agent',
      servedName: model,
      simulated: false,
      async call({ operation, stream, body, headers, signal }) {
        const how = { [DOOR_HEADERS.operation]: operation, [DOOR_HEADERS.stream]: String(stream) };
        const reply = await main.request({
          method: 'POST',
          path: `/${encodeURIComponent(name)}`,
          headers: { ...headers, ...identity, ...how, 'content-type': 'application/json' },
          body,
          cancel: { signal },
        });
        if (reply.headers[DOOR_HEADERS.thrown] !== undefined) throw await readThrown(reply);
        return toEngineReply(reply);
      },
      load: () => ({ running: 0, waiting: 0 }),
      close: () => Promise.resolve(),
    };
  };

async function readThrown(reply: UpstreamReply): Promise<PlatformError> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const { code, message, details, retryAfterS } = thrownSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  return new PlatformError(code, { message, details, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
}

function toEngineReply({ status, headers, body }: UpstreamReply): EngineReply {
  const kept: Record<string, string> = {};
  for (const name of ['content-type', 'x-maru-run-id']) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return { status, headers: kept, body };
}
