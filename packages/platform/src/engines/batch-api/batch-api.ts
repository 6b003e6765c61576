import type { WireFormat } from '#formats';

/** What a batch can ask for; all of its requests the same. */
export type BatchApiOperation = 'chat' | 'completions' | 'embeddings';

/** A request in a batch of a provider, in the format that its engine speaks. */
interface BatchApiLine {
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

export interface BatchApiPart {
  /** Marks the batch at the provider, so that it is found again when the answer to its submission was lost. Letters, digits and `_`. */
  readonly token: string;
  readonly operation: BatchApiOperation;
  /** Their ids begin with the token. */
  readonly lines: readonly BatchApiLine[];
}

/** What is known of a batch whose submission may have arrived. */
interface BatchApiSearch {
  readonly token: string;
  readonly lines: number;
  /** It was not submitted before. */
  readonly sinceMs: number;
  /** Batches that were found before and are others. */
  readonly exclude: readonly string[];
}

interface BatchApiState {
  readonly ended: boolean;
  /** Why the provider did not run it at all. */
  readonly problem?: string;
}

/** One answer: with the status 200 and a body of the engine's format, or an error. */
export interface BatchApiResult {
  readonly id: string;
  readonly status: number;
  readonly body: unknown;
}

/** The batch API of one provider for one model. Everything throws as an engine's call does; `upstream_rejected` is final. */
export interface BatchApi {
  /** Formats that a request of a chat call may have here; those of the engine where absent. */
  readonly speaks?: readonly WireFormat[];
  /** Returns the id that the provider gives. */
  submit(part: BatchApiPart, signal: AbortSignal): Promise<string>;
  find(search: BatchApiSearch, signal: AbortSignal): Promise<string | undefined>;
  look(id: string, signal: AbortSignal): Promise<BatchApiState>;
  /** Requests that run may still end. */
  cancel(id: string, signal: AbortSignal): Promise<void>;
  /** In any order; requests without a result are missing. */
  results(id: string, signal: AbortSignal): AsyncIterable<BatchApiResult>;
  close(): Promise<void>;
}
