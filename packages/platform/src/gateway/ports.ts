import type { PlatformError } from '@maru/api/errors';
import type { RouteDecision, Span, Usage } from '@maru/api/records';
import type { Batches, Files } from '#batches';
import type { AnswerCache, CachePolicy } from '#cache';
import type { Engine } from '#engines';
import type { WireFormat } from '#formats';
import type { Rule } from '#guardrails';
import type { Operation } from './door.ts';
import type { Idempotency } from './idempotency/idempotency.ts';
import type { Responses } from './responses/responses.ts';

/** A value, or the promise of it: what is known at once costs no turn of the event loop. */
export type Awaitable<T> = T | Promise<T>;

/** Who calls, as the key says. */
export interface Principal {
  readonly tenant: string;
  readonly keyId: string;
  readonly user?: string;
  /** Whether the key may use a public name; all where absent. */
  allows?(name: string): boolean;
  /** Of the key; routes may choose by them. */
  readonly tags?: readonly string[];
  /** Of the caller's token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface Authenticator {
  /** Throws `unauthenticated` for a key that does not exist and `key_revoked` for one that is no longer valid. */
  authenticate(key: string): Awaitable<Principal>;
}

/** One public name that clients may send as `model`. */
export interface CatalogueEntry {
  readonly name: string;
  readonly kind: 'model' | 'route' | 'agent';
  readonly description?: string;
  readonly simulated: boolean;
  readonly ownedBy: string;
  readonly createdMs: number;
  /** What the target can do, for example `chat`, `tools`, `vision`; unknown where absent. */
  readonly capabilities?: readonly string[];
  readonly contextWindow?: number;
  /** Requests may not name it; only what the platform itself is told to use it reaches it. */
  readonly closed?: boolean;
}

export interface Catalogue {
  list(): readonly CatalogueEntry[];
  find(name: string): CatalogueEntry | undefined;
}

/** What a request is, for the decision where it goes. */
export interface RequestFacts {
  readonly requestId: string;
  readonly traceId: string;
  readonly operation: Operation;
  /** Format of the body, where it is one that is translated. */
  readonly format?: WireFormat;
  /** The public name that was asked for. */
  readonly target: CatalogueEntry;
  readonly principal: Principal;
  readonly session?: string;
  /** The agent that calls in somebody's name. */
  readonly agent?: string;
  /** What the request itself asks of its first token and of its pace, in milliseconds. */
  readonly slo?: { readonly ttftMs?: number; readonly itlMs?: number };
  /** By its own word; whoever places it knows how high it may be. */
  readonly priority?: number;
  /** Of the URL; absent for calls from inside the process. */
  readonly path?: string;
  /** Without the question mark. */
  readonly query?: string;
  readonly stream: boolean;
  /** Estimate: bytes of the prompt divided by four. */
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** The client's headers without its credentials, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw JSON of `messages`, `prompt` or `input`: equal prompts have equal beginnings. */
  readonly promptBytes: Buffer;
  /** The whole body as it came. */
  readonly body: Buffer;
  /** The body, parsed at the first call; throws `invalid_json`. */
  value(): Readonly<Record<string, unknown>>;
}

/** A part of an attempt that another endpoint does, such as the prefill of its prompt. */
export interface AttemptLeg {
  readonly name: string;
  readonly endpoint: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What went wrong; the attempt went on without it. */
  readonly error?: PlatformError;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What of a decision stands in the span of its route. */
interface AttemptDecision extends Pick<RouteDecision, 'id' | 'model' | 'policy' | 'expectedCachedTokens' | 'prefill'> {
  /** Endpoints that it was made among. */
  readonly candidateCount: number;
  readonly queuedMs?: number | undefined;
}

/** One engine to try. */
export interface Attempt {
  readonly engine: Engine;
  /** Name in `x-maru-model`: the Model resource, or the agent. */
  readonly model: string;
  /** One sentence for a person. */
  readonly reason: string;
  readonly decision?: AttemptDecision | undefined;
  /** Further attributes of the span of the decision. */
  readonly routeAttributes?: Readonly<Record<string, string>> | undefined;
  /** Wait before the attempt, in milliseconds. */
  readonly delayMs?: number;
  /** Longest silence. */
  readonly timeoutMs?: number;
  /** Longest wait of a stream for its first visible token. */
  readonly firstTokenMs?: number | undefined;
  /** Longest silence after the first visible token, in place of `timeoutMs`. */
  readonly stallMs?: number | undefined;
  /** Longest wait for the first visible token or the whole answer. */
  readonly attemptMs?: number | undefined;
  /** Where the attempt is remembered when it answers. */
  readonly affinity?: { readonly key: string; readonly ttlMs: number } | undefined;
  /** What the engine can not be told is let go, with a warning. */
  readonly dropParams?: boolean | undefined;
  /** Fields, in the words of OpenAI's API, that are sent where the client does not set them; the same object for the same fields. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /** An agent is an engine that thinks in steps; its spans say so. */
  readonly kind?: 'engine' | 'agent';
  /** What other endpoints have done for it so far. */
  readonly legs?: (() => readonly AttemptLeg[]) | undefined;
  /** Further headers of the answer, for clients of another gateway. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Headers of an answer that is known as a whole before it is sent. */
  readonly finalHeaders?: ((facts: AnswerFacts) => Readonly<Record<string, string>>) | undefined;
}

/** What is known of an answer when it is complete. */
export interface AnswerFacts {
  readonly costNanoUsd: number | null;
  /** From the request until now. */
  readonly durationMs: number;
  /** Of these, with the engine that has answered. */
  readonly upstreamMs: number;
}

/** Why an attempt did not become the answer. */
export interface AttemptFailure {
  readonly attempt: Attempt;
  /** Of the upstream's answer; absent when there was none. */
  readonly status?: number;
  readonly error: PlatformError;
}

/** The ways of one request, in order; asked again only while the client has seen nothing. */
export interface Plan {
  /** From admission to the last byte, in milliseconds; no limit where absent. */
  readonly deadlineMs?: number | undefined;
  /**
   * Undefined when there is no further way; throws `no_endpoint` when there is none at all, `overloaded` and `over_share` when the request
   * was shed. May wait until there is room for it.
   */
  next(failure: AttemptFailure | undefined): Awaitable<Attempt | undefined>;
  /** The request has ended while `next` waits: it gives its place up and throws the reason. */
  abandon?(reason: PlatformError): void;
  /** A second attempt beside one that has shown nothing for `afterMs`; asked for at most once per request. */
  readonly hedge?: { readonly afterMs: number; next(): Attempt | undefined } | undefined;
  /** Asked too; its answer is only recorded. */
  readonly mirror?: Attempt | undefined;
  /** An answer that broke off after its first tokens may be continued by engines that can, so many times. */
  readonly continuation?: { readonly attempts: number } | undefined;
}

/** What a request wishes of its own way; read from its body, not checked. */
export interface CallWishes {
  readonly fallbacks?: unknown;
  readonly disableFallbacks?: unknown;
  readonly numRetries?: unknown;
}

export interface AttemptOutcome {
  readonly attempt: Attempt;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  readonly usage: Usage | undefined;
  /** From the call until the first visible token of a stream; undefined when there was none, and of what came as a whole. */
  readonly ttftMs: number | undefined;
  readonly durationMs: number;
  /** Where the outcome is an error. */
  readonly failure?: AttemptFailure;
  /** What was charged; null where no price is known, absent where nothing was charged. */
  readonly costNanoUsd?: number | null;
}

export interface Placement {
  plan(facts: RequestFacts, wishes: CallWishes): Awaitable<Plan>;
  /** Told when the first token of a stream is passed on; must not throw. */
  shown?(attempt: Attempt): void;
  /** Told about every attempt, in the end; must not throw. */
  observe(outcome: AttemptOutcome): void;
}

/** Who pays besides the key: set by agents and pipelines that call in a person's name. */
export interface Payee {
  /** A line of a batch, which may cost less. */
  readonly batch?: boolean;
  /** What is asked for twice under this name is charged once. */
  readonly once?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly user?: string;
}

export interface AdmissionRequest {
  readonly requestId: string;
  readonly traceId: string;
  readonly principal: Principal;
  readonly payee: Payee;
  readonly operation: Operation;
  readonly requestedModel: string;
  /** Estimate of the prompt. */
  readonly promptTokens: number;
  /** The most that may be generated, where the request says so. */
  readonly maxTokens: number | undefined;
  /** What the client has marked the request with. */
  readonly tags: readonly string[] | undefined;
}

/** A place in the queue and a share of the budget, held until it is settled or released. */
export interface Reservation {
  /** `x-ratelimit-*`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SettleFacts {
  readonly requestId: string;
  readonly traceId: string;
  readonly requestedModel: string;
  readonly model: string;
  readonly endpoint: string;
  readonly provider: string;
  readonly servedName: string;
  readonly simulated: boolean;
  readonly usage: Usage;
  /** The engine did not report its usage; it was counted from what passed through. */
  readonly estimated: boolean;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  /** Share of the price that is charged, from 0 to 1; all of it where absent. */
  readonly share?: number;
}

export interface Admission {
  /** Throws `rate_limited` or `quota_exceeded` with `retryAfterS`. */
  admit(request: AdmissionRequest): Awaitable<Reservation>;
  /** Charges once; must have written the charge safely before it returns. Null when no price is known. */
  settle(reservation: Reservation, facts: SettleFacts): Awaitable<{ readonly costNanoUsd: number | null }>;
  /** Gives everything back: the request made no token. */
  release(reservation: Reservation): Awaitable<void>;
}

/** Which guardrails a call has. */
export interface CallGuards {
  /** None where neither its tenant nor its target has any. */
  rulesOf(facts: RequestFacts): Awaitable<readonly Rule[]>;
}

/** Must not throw and must not wait. */
export interface Tracer {
  record(...spans: readonly Span[]): void;
}

/** What a route says about its cache. */
export interface CallCachePolicy extends CachePolicy {
  /** Streams are given again with their pauses. */
  readonly timed: boolean;
  readonly chargePercent: number;
  /** Used without being asked for. */
  readonly byDefault: boolean;
}

/** The cache of the platform, and which calls may use it. */
export interface CallCache {
  readonly cache: AnswerCache;
  /** Undefined where the target of a call keeps no answers. */
  policyOf(facts: RequestFacts): CallCachePolicy | undefined;
}

export interface GatewayPorts {
  /** Keeps the responses of the Responses API; without it none is kept. */
  readonly responses?: Responses;
  /** Answers the same for the same `Idempotency-Key`; without it the header means nothing. */
  readonly idempotency?: Idempotency;
  readonly authenticator: Authenticator;
  readonly catalogue: Catalogue;
  readonly placement: Placement;
  readonly admission: Admission;
  readonly tracer: Tracer;
  readonly guardrails?: CallGuards;
  /** Stored files and batches of requests; their paths are not there without it. */
  readonly stored?: { readonly files: Files; readonly batches: Batches };
  readonly cache?: CallCache;
}
