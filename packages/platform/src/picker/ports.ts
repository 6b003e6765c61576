import type { PromptFacts, RouterEndpoint } from '#router';
import type { ReadPrompt } from './request/read-prompt.ts';

/** A replica that can be chosen. */
export interface PoolEndpoint extends RouterEndpoint {
  /** `ip:port`, as a proxy names it. */
  readonly address: string;
  /** Requests that it reports as waiting, and the share of KV memory in use; undefined where its report is missing or stale. */
  reported(): { readonly waiting: number; readonly kvUse: number } | undefined;
}

/** The replicas among which requests are spread. */
export interface Pool {
  /** Name of the model that they serve. */
  readonly model: string;
  /** Those that requests may go to now. */
  endpoints(): readonly PoolEndpoint[];
  /** Makes the tokens of a prompt known where the pool follows caches; undefined where there is nothing to wait for. */
  prepare(prompt: ReadPrompt): Promise<void> | undefined;
  /** A request goes to an endpoint. */
  begin(address: string): void;
  /** It has ended; `tokens` is what the engine counted of its prompt, where it said. */
  end(address: string, prompt: { readonly facts: PromptFacts; readonly bytes: number; readonly tokens: number | undefined }): void;
}

/** Priorities by the name of an InferenceObjective. */
export interface Objectives {
  /** Undefined for a name that is not known. */
  priorityOf(name: string): number | undefined;
}
