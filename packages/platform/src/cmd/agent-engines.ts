import type { Agent } from '@maru/api/resources';
import { AGENT_HEADERS, type Agents, createAgentEngine } from '#agents';
import type { Engine } from '#engines';
import type { RequestFacts } from '#gateway';
import type { Clock } from '#time';

/** An agent as an engine, called in the name of the one who asks: who pays is set here and never taken from a client. */
export function agentEngineFor(options: { agents: Agents; clock: Clock }): (agent: Agent, facts: RequestFacts) => Engine {
  return (agent, facts) => {
    const engine = createAgentEngine(agent, { agents: options.agents, nowMs: () => options.clock.nowMs() });
    const identity = {
      [AGENT_HEADERS.tenant]: facts.principal.tenant,
      [AGENT_HEADERS.keyId]: facts.principal.keyId,
      ...(facts.session === undefined ? {} : { [AGENT_HEADERS.session]: facts.session }),
    };
    return {
      ...engine,
      call: (request) => engine.call({ ...request, body: request.body, signal: request.signal, headers: { ...request.headers, ...identity } }),
    };
  };
}
