import type { Usage } from '@maru/api/records';
import type { CanonicalAnswer } from './canonical/answer.ts';
import type { CanonicalError } from './canonical/error.ts';
import type { CanonicalEvent } from './canonical/event.ts';
import type { CanonicalRequest, RequestField } from './canonical/request.ts';
import type { Capabilities } from './capability.ts';
import type { JsonObject } from './json-value.ts';
import type { WireFormat } from './wire-format.ts';

/** Something that a format can not carry. It is never left out in silence. */
export interface Dropped {
  /** Canonical path: `seed`, `tools[2]`, `messages[3].content[1]`; `nameField` says it in the client's words. */
  readonly field: string;
  /** One sentence for a person. */
  readonly why: string;
  /**
   * `meaning`: the answer could differ, so the call is refused unless the client allows dropping. `hint`: only speed, cost or bookkeeping
   * differ, so the call goes on with a warning.
   */
  readonly weight: 'meaning' | 'hint';
}

/** What the path of the request says, for formats that do not say it in the body. */
export interface RequestPath {
  readonly model?: string;
  readonly stream?: boolean;
}

export interface DecodedRequest {
  readonly request: CanonicalRequest;
  /** Sentences about what the client sent and what was made of it. */
  readonly warnings: readonly string[];
}

export interface EncodedRequest {
  readonly body: JsonObject;
  readonly dropped: readonly Dropped[];
}

/** What an answer needs besides itself. Ids and time come from the caller. */
export interface AnswerContext {
  /** Unique and without a prefix; the format makes its own ids of it. */
  readonly id: string;
  readonly createdS: number;
  /** What the client asked for: some formats echo it. */
  readonly request: CanonicalRequest;
}

/** Reads one stream. Never throws: what is broken becomes an `error` event, and nothing follows it. */
export interface StreamDecoder {
  /** Takes bytes that may be cut anywhere; returns the events that they complete. */
  push(chunk: Uint8Array): readonly CanonicalEvent[];
  /** The connection ended. Returns an `error` event of the kind `cut` when the end marker was not seen, else nothing. */
  end(): readonly CanonicalEvent[];
}

/** Writes one stream. */
export interface StreamEncoder {
  /** UTF-8 text for the client; empty when the event adds nothing yet. */
  encode(event: CanonicalEvent): string;
}

/** A vendor's call that only counts the tokens of a prompt. */
export interface TokenCounting {
  encodeRequest(request: CanonicalRequest): EncodedRequest;
  /** Throws `upstream_garbage`. */
  decodeAnswer(value: unknown): number;
  encodeAnswer(tokens: number): JsonObject;
}

/** One wire format: pure translation to the canonical form and back. */
export interface Format {
  readonly name: WireFormat;
  /** What a translation to this format keeps; the documentation is made of it, and tests hold it true. */
  readonly capabilities: Capabilities;
  /** The name that this format's clients know a canonical field by; the canonical name where absent. */
  readonly fieldNames: Readonly<Partial<Record<RequestField, string>>>;
  /** Throws `invalid_request` with `details.param` for what is not of the format. */
  decodeRequest(value: unknown, path?: RequestPath): DecodedRequest;
  /** Never throws; what the format can not say is in `dropped`. */
  encodeRequest(request: CanonicalRequest): EncodedRequest;
  /** Throws `upstream_garbage` for what is not an answer of the format. */
  decodeAnswer(value: unknown): CanonicalAnswer;
  encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject;
  createStreamDecoder(): StreamDecoder;
  createStreamEncoder(context: AnswerContext): StreamEncoder;
  /** Reads the body of an answer with an error status; anything at all may stand there. */
  decodeError(status: number, value: unknown): CanonicalError;
  encodeError(error: CanonicalError): JsonObject;
  /** The usage object of the format in disjoint buckets; undefined when it reports none. */
  readUsage(value: unknown): Usage | undefined;
  /** Absent where the vendor has no such call; its request is decoded by `decodeRequest`. */
  readonly tokenCounting?: TokenCounting;
}
