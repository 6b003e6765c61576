import type { Usage } from '@maru/api/records';
import type { ClientSink } from './client-sink.ts';
import type { BegunAnswer } from './continuation/begun-answer.ts';
import type { Door, Operation } from './door.ts';
import type { Lifetime } from './lifetime.ts';
import type { ParsedRequest } from './parse-request.ts';
import type { Attempt, AttemptFailure, CatalogueEntry, Payee, Principal, RequestFacts, Reservation } from './ports.ts';
import type { Translation } from './translation.ts';

/** One request on its way through the gateway. */
export interface Call {
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly startMs: number;
  readonly operation: Operation;
  readonly door: Door;
  readonly request: ParsedRequest;
  readonly target: CatalogueEntry;
  readonly principal: Principal;
  readonly payee: Payee;
  readonly facts: RequestFacts;
  readonly lifetime: Lifetime;
  readonly sink: ClientSink;
  /** The client lets go what an engine can not be told. */
  readonly dropsParams: boolean;
  /** Called with the last bytes of a complete answer before the client gets them; what it throws leaves the answer incomplete. */
  readonly onComplete?: (last: Buffer) => Promise<void>;
  /** Whether answers are kept for the trace. */
  readonly keepsContent: boolean;
  /** What is asked in place of each attempt of the plan. */
  readonly via?: (attempt: Attempt) => Attempt;
  /** The answer may be continued by another engine when it breaks off; `begun` where it is being continued. */
  readonly continuation?: { readonly begun?: BegunAnswer };
}

/** A call that has been admitted. */
export interface AdmittedCall extends Call {
  readonly reservation: Reservation;
}

/** An answer with an error status, as the engine gave it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Between the engine's format and the client's, where they differ. */
  readonly translation: Translation | undefined;
}

/** How an attempt ended. */
export type AttemptResult =
  /** Complete, but for the last bytes, which `finish` sends once the charge is written. */
  | {
      readonly kind: 'answered';
      readonly usage: Usage;
      readonly estimated: boolean;
      /** Of a stream; what comes as a whole has no first token. */
      readonly ttftMs: number | undefined;
      /** Bytes of the answer, where they are kept. */
      readonly content: Buffer | undefined;
      /** What `finish` will send: the whole body, or the end of a stream. */
      readonly last: Buffer;
      readonly finish: (costHeader: Readonly<Record<string, string>>) => void;
    }
  /** The client has seen nothing; another engine may try. */
  | { readonly kind: 'failed'; readonly failure: AttemptFailure; readonly retryable: boolean; readonly refusal?: Refusal }
  /** The client has seen a part; it is told, and the part is charged. */
  | {
      readonly kind: 'broken';
      readonly failure: AttemptFailure;
      readonly usage: Usage;
      readonly estimated: boolean;
      readonly ttftMs: number | undefined;
      readonly content: Buffer | undefined;
      /** What another engine may go on with. */
      readonly begun?: BegunAnswer;
    };

/** An attempt that ran, with its span. */
export interface RanAttempt {
  readonly attempt: Attempt;
  readonly spanId: string;
  readonly startMs: number;
  readonly result: AttemptResult;
}
