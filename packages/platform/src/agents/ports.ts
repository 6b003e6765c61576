import type { Span } from '@maru/api/records';
import type { Agent, SecretRef, ToolServer } from '@maru/api/resources';
import type { ChatMessage } from './messages.ts';

/** Who pays for a call and where it belongs. */
export interface CallContext {
  readonly tenant: string;
  readonly keyId: string;
  readonly session: string | undefined;
  /** Name of the Agent that calls. */
  readonly agent: string;
  readonly runId: string;
  /** W3C Trace Context; the span in it is the parent of what the callee records. */
  readonly traceparent: string;
}

export interface ChatRequest {
  /** A Model or Route. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatToolDefinition[];
  readonly temperature: number | undefined;
  readonly context: CallContext;
}

/** A tool as the model sees it, in the wire format of OpenAI. */
export interface ChatToolDefinition {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description: string; readonly parameters: Readonly<Record<string, unknown>> };
}

/** A piece of the answer, with the field names of OpenAI's streamed chunks; a whole message is one piece. */
export interface ChatDelta {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
  readonly finish_reason?: string | null;
  /** OpenAI's usage object, in the last piece. */
  readonly usage?: unknown;
}

/** Calls a model; `cmd/` hands in the pipeline of the gateway, so that the calls of agents are routed and charged like all others. */
export interface ChatModel {
  /** Throws a PlatformError when there is no answer or it was cut; stops at once when the signal is aborted. */
  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatDelta>;
}

export interface Passage {
  /** How an answer names the passage, for example `[handbook/limits.md § Budgets]`. */
  readonly citation: string;
  readonly document: string;
  readonly heading: string | null;
  readonly page: number | null;
  readonly text: string;
}

export interface KnowledgeSearch {
  search(request: { knowledgeBase: string; query: string; topK: number; context: CallContext }, signal: AbortSignal): Promise<readonly Passage[]>;
}

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Hosts that may be reached; empty means every public one. */
  readonly allowHosts: readonly string[];
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface GuardedReply {
  readonly status: number;
  /** The address after redirects. */
  readonly url: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The body was longer than `maxBytes`. */
  readonly truncated: boolean;
}

/** A fetch that never reaches private networks: addresses are checked, pinned, and checked again after each redirect. */
export interface GuardedFetch {
  /** Throws `address_blocked` for hosts and networks that are not allowed, `upstream_*` when there is no answer. */
  fetch(request: GuardedRequest, signal: AbortSignal): Promise<GuardedReply>;
}

/** Where spans go; must not throw and must not wait. */
export interface SpanSink {
  record(span: Span): void;
}

export interface ToolServers {
  find(name: string): ToolServer | undefined;
  /** The value behind a secret reference; undefined when it is not set. */
  secret(ref: SecretRef): string | undefined;
}

export interface AgentResources {
  find(name: string): Agent | undefined;
}

/** Everything that the room takes from outside. */
export interface AgentPorts {
  readonly models: ChatModel;
  readonly knowledge: KnowledgeSearch;
  readonly http: GuardedFetch;
  readonly spans: SpanSink;
  readonly toolServers: ToolServers;
  readonly agents: AgentResources;
}
