import { type PlatformError, toPlatformError } from '@maru/api/errors';
import type { GuardTurn, StreamGuard } from '#guardrails';
import type { ClientSink } from './client-sink.ts';

export interface GuardedSinkOptions {
  readonly turn: GuardTurn;
  readonly signal: AbortSignal;
  /** Tells the client that a guardrail has refused; what was seen before decides in which form. */
  readonly refuse: (sink: ClientSink, error: PlatformError) => void;
  /** Ends the call: what is refused need not be made to its end. */
  readonly stop: (error: PlatformError) => void;
}

/** A sink whose answers pass the guardrails first. */
export interface GuardedSink extends ClientSink {
  /** Resolves when the client has got all that it gets, with the refusal of a guardrail where there was one. */
  settled(): Promise<PlatformError | undefined>;
}

const NOTHING = Buffer.alloc(0);

/**
 * Holds back what is not decided. The client's status is sent with the first bytes that may go, so that an answer which is refused before
 * that is a plain error.
 */
export function guardSink(inner: ClientSink, { turn, signal, refuse, stop }: GuardedSinkOptions): GuardedSink {
  let head: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
  let stream: StreamGuard | undefined;
  let passes = false;
  let whole: Uint8Array[] = [];
  let refused: PlatformError | undefined;
  let ending: Promise<void> = Promise.resolve();

  const open = (): void => {
    if (!inner.hasStarted() && head !== undefined) inner.start(head.status, head.headers);
  };
  const failed = (thrown: unknown): PlatformError => {
    refused = toPlatformError(thrown);
    return refused;
  };

  const finish = async (chunk: Uint8Array | undefined): Promise<void> => {
    try {
      if (stream !== undefined) {
        const rest = await stream.end(chunk === undefined ? undefined : asBuffer(chunk), signal);
        open();
        inner.end(rest);
        return;
      }
      if (chunk !== undefined) whole.push(chunk);
      const answer = await turn.after(Buffer.concat(whole), signal);
      whole = [];
      if (head !== undefined) inner.start(head.status, { ...head.headers, 'content-length': String(answer.length) });
      inner.end(answer);
    } catch (thrown) {
      refuse(inner, failed(thrown));
    }
  };

  return {
    hasStarted: () => head !== undefined,
    carriesEvents: () => head?.headers['content-type']?.startsWith('text/event-stream') === true,
    start(status, headers) {
      head = { status, headers };
      const type = headers['content-type'] ?? '';
      if (status !== 200 || !(type.startsWith('text/event-stream') || type.includes('json'))) {
        passes = true;
        inner.start(status, headers);
      } else if (type.startsWith('text/event-stream')) stream = turn.stream();
    },
    write(chunk) {
      if (passes) return inner.write(chunk);
      if (refused !== undefined) return true;
      if (stream === undefined) {
        whole.push(Buffer.from(chunk));
        return true;
      }
      let ready: Buffer = NOTHING;
      try {
        ready = stream.push(asBuffer(chunk));
      } catch (thrown) {
        stop(failed(thrown));
        return true;
      }
      if (ready.length === 0) return true;
      open();
      return inner.write(ready);
    },
    onDrain: (callback) => inner.onDrain(callback),
    end(chunk) {
      if (passes) inner.end(chunk);
      else if (refused !== undefined) refuse(inner, refused);
      else ending = finish(chunk);
    },
    cut: (error) => inner.cut(error),
    async settled() {
      await ending;
      return refused;
    },
  };
}

const asBuffer = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
