import { PlatformError } from '@maru/api/errors';
import type { SecretRef } from '@maru/api/resources';
import { type AgentPorts, type ChatCall, toChatModel } from '#agents';
import type { Gateway } from '#gateway';
import type { Knowledge } from '#knowledge';
import type { Registry } from '#resources';
import type { Traces } from '#traces';

export interface AgentPortsOptions {
  readonly registry: Registry;
  readonly knowledge: Knowledge;
  readonly traces: Traces;
  readonly gateway: () => Gateway;
  readonly guardedFetch: AgentPorts['http'];
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
}

/** Fits the room of agents to its neighbours: models through the gateway, so that every call is routed, charged and traced. */
export function agentPorts(options: AgentPortsOptions): AgentPorts {
  const { registry, knowledge, traces } = options;
  const call: ChatCall = async ({ body, headers, context, signal }) => {
    const reply = await options.gateway().invoke({
      operation: 'chat',
      body,
      principal: { tenant: context.tenant, keyId: context.keyId },
      payee: { agent: context.agent, ...(context.session === undefined ? {} : { session: context.session }) },
      ...(headers['traceparent'] === undefined ? {} : { traceparent: headers['traceparent'] }),
      signal,
    });
    return { status: reply.status, body: reply.body };
  };
  return {
    models: toChatModel(call),
    knowledge: {
      search: async ({ knowledgeBase, query, topK }, signal) => {
        if (registry.get('KnowledgeBase', knowledgeBase) === undefined)
          throw new PlatformError('reference_missing', { message: `there is no KnowledgeBase "${knowledgeBase}"` });
        const found = await knowledge.search(knowledgeBase, query, { topK, signal });
        return found.map(({ citation, document, heading, page, text }) => ({ citation, document, heading, page, text }));
      },
    },
    http: options.guardedFetch,
    spans: traces,
    toolServers: { find: (name) => registry.get('ToolServer', name), secret: options.resolveSecret },
    agents: { find: (name) => registry.get('Agent', name) },
  };
}
