export { AGENT_HEADERS, type AgentEngine, type AgentEngineDeps, type AgentEngineReply, type AgentEngineRequest, createAgentEngine } from './agent-engine.ts';
export { type Agents, type AgentsOptions, createAgents } from './create-agents.ts';
export { type AgentGraph, describeGraph } from './describe-graph.ts';
export type { RunFilters, RunPage } from './list-runs.ts';
export type { ChatMessage, ChatToolCall } from './messages.ts';
export type {
  AgentPorts,
  AgentResources,
  CallContext,
  ChatDelta,
  ChatModel,
  ChatRequest,
  ChatToolDefinition,
  GuardedFetch,
  GuardedReply,
  GuardedRequest,
  KnowledgeSearch,
  Passage,
  SpanSink,
  ToolServers,
} from './ports.ts';
export type { RunEvent } from './run-events.ts';
export type { AgentOutput } from './run-result.ts';
export type { StartOptions } from './start-run.ts';
export type { StreamOptions } from './stream-run.ts';
export { type ChatCall, type ChatCallReply, type ChatCallRequest, toChatModel } from './to-chat-model.ts';
export type { PendingCall } from './tool-calls.ts';
export type { Source } from './tools/tool.ts';
