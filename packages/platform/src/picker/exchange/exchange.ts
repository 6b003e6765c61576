import { PlatformError, toPlatformError } from '@maru/api/errors';
import { type AnswerWatch, watchAnswer } from '../answer/answer-watch.ts';
import { type RequestHead, readHead } from '../choose/request-head.ts';
import { readPrompt } from '../request/read-prompt.ts';
import { BODY_FULL_DUPLEX, BODY_NONE, type HttpBody, headersOf, type ProcessingRequest, type ProcessingResponse, textsOf } from '../wire/messages.ts';
import { ATTRIBUTES, LB_NAMESPACE, SERVED } from '../wire/protocol.ts';
import { passBody, refuse, sendTo } from './answers.ts';
import { type Booking, type BookingDeps, bookRequest } from './booking.ts';

export interface ExchangeDeps extends BookingDeps {
  /** Longest request body in bytes. */
  readonly maxBodyBytes: number;
}

/** One HTTP request on its way through the proxy, and its answer on its way back. */
export interface Exchange {
  /** Takes one message and sends what follows from it. Throws `invalid_request` for a mode of the proxy that is not supported. */
  receive(message: ProcessingRequest): Promise<void> | void;
  /** The proxy has nothing more to tell. */
  end(): void;
  /** The proxy has broken off: its client or its engine went away. */
  cancel(): void;
}

/** Follows one exchange: collects the request, chooses, passes both bodies on unchanged, and tells the router what came of it. */
export function openExchange(deps: ExchangeDeps, send: (response: ProcessingResponse) => void): Exchange {
  let head: RequestHead | undefined;
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let refused = false;
  let gone = false;
  const left = new AbortController();
  let booking: Booking | undefined;
  let answer: AnswerWatch | undefined;
  let streamed = false;
  let showsAnswer = true;

  const giveUp = (thrown: unknown): void => {
    refused = true;
    chunks = [];
    const error = toPlatformError(thrown);
    deps.tally.refused(error.code);
    send(refuse(error));
  };

  const decide = async (known: RequestHead): Promise<void> => {
    const startMs = deps.clock.monotonicMs();
    try {
      const prompt = readPrompt(known.path, joined(chunks));
      const tokens = deps.pool.prepare(prompt);
      if (tokens !== undefined) await tokens;
      // Nobody would end a decision that is taken after the end.
      if (gone) return;
      const place = (queuedMs: number | undefined): void => {
        const { order, decision } = deps.chooser.choose(known, prompt, queuedMs);
        booking = bookRequest(deps, { head: known, prompt, decision, address: order[0] ?? '' });
        deps.tally.picked(deps.clock.monotonicMs() - startMs - (queuedMs ?? 0));
        send(sendTo(order));
      };
      if (deps.queue === undefined) place(undefined);
      else await deps.queue.enter(deps.chooser.waiter(known, prompt, bytes), left.signal, place);
    } catch (error) {
      if (!gone) giveUp(error);
    }
  };

  const requestBody = async (part: HttpBody): Promise<void> => {
    if (head === undefined || refused) return;
    const body = bytesOf(part);
    chunks.push(body);
    bytes += body.length;
    if (bytes > deps.maxBodyBytes) {
      giveUp(new PlatformError('body_too_large', { message: `the request body is larger than ${deps.maxBodyBytes} bytes` }));
      return;
    }
    if (part.endOfStream !== true) return;
    await decide(head);
    passRequest(true);
  };

  const passRequest = (endOfStream: boolean): void => {
    if (refused || gone) return;
    for (const part of passBody('requestBody', joined(chunks), endOfStream)) send(part);
    chunks = [];
  };

  const answerHeaders = (message: ProcessingRequest): void => {
    const headers = headersOf(message.responseHeaders ?? {});
    const status = Number(headers.get(':status') ?? 0);
    const served = servedIn(message);
    if (served !== undefined) booking?.served(served);
    if (status >= 400) booking?.failed(served === undefined && status === 503 ? undefined : status);
    streamed = headers.get('content-type')?.startsWith('text/event-stream') === true;
    answer = watchAnswer();
    send({ responseHeaders: {} });
    if (message.responseHeaders?.endOfStream === true) complete();
  };

  const answerBody = (part: HttpBody): void => {
    const body = bytesOf(part);
    const endOfStream = part.endOfStream === true;
    if (body.length > 0) booking?.firstToken();
    answer?.push(body);
    for (const part of passBody('responseBody', body, endOfStream)) send(part);
    if (endOfStream) complete();
  };

  const complete = (): void => booking?.completed({ usage: answer?.usage(), streamed });

  return {
    receive(message) {
      // What observes only must not be answered.
      if (message.observabilityMode === true) return;
      if (message.requestHeaders != null) {
        checkModes(message);
        head = readHead(message);
        showsAnswer = message.protocolConfig?.responseBodyMode !== BODY_NONE;
        const bodyComes = message.requestHeaders.endOfStream !== true && message.protocolConfig?.requestBodyMode !== BODY_NONE;
        return bodyComes ? undefined : decide(head);
      }
      if (message.requestBody != null) return requestBody(message.requestBody);
      if (message.requestTrailers != null) {
        if (head === undefined || refused) return;
        return decide(head).then(() => {
          passRequest(false);
          if (!refused && !gone) send({ requestTrailers: {} });
        });
      }
      if (message.responseHeaders != null) return answerHeaders(message);
      if (message.responseBody != null) return answerBody(message.responseBody);
      if (message.responseTrailers != null) {
        send({ responseTrailers: {} });
        complete();
      }
    },
    end: () => {
      gone = true;
      left.abort();
      // An answer whose body the proxy does not show has no other end.
      if (!showsAnswer) complete();
      else booking?.cancelled();
    },
    cancel: () => {
      gone = true;
      left.abort();
      booking?.cancelled();
    },
  };
}

const NOTHING = new Uint8Array(0);

/** The default of empty bytes is an empty list. */
const bytesOf = ({ body }: HttpBody): Uint8Array => (body === undefined || body.length === 0 ? NOTHING : body);

const joined = (chunks: readonly Uint8Array[]): Buffer => {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? Buffer.from(first.buffer, first.byteOffset, first.length) : Buffer.concat(chunks);
};

/** The address that has answered, as the gateway says it; `upstream.address` is what a plain Envoy can tell. */
function servedIn({ metadataContext, attributes }: ProcessingRequest): string | undefined {
  const told = textsOf(metadataContext?.filterMetadata?.[LB_NAMESPACE], SERVED) ?? textsOf(attributes?.[ATTRIBUTES], 'upstream.address');
  return told?.[0] === '' ? undefined : told?.[0];
}

function checkModes({ protocolConfig }: ProcessingRequest): void {
  for (const [side, mode] of [
    ['request_body_mode', protocolConfig?.requestBodyMode],
    ['response_body_mode', protocolConfig?.responseBodyMode],
  ] as const) {
    if (mode !== undefined && mode !== BODY_NONE && mode !== BODY_FULL_DUPLEX)
      throw new PlatformError('invalid_request', { message: `the ext_proc filter has another ${side} than FULL_DUPLEX_STREAMED or NONE; set one of these` });
  }
}
