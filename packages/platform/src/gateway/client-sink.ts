import type { ServerResponse } from 'node:http';
import type { PlatformError } from '@maru/api/errors';
import { ByteQueue } from '#http';

/** Where an answer goes: the socket of a client, or a caller in this process. */
export interface ClientSink {
  /** Status and headers were sent; nothing can be taken back. */
  hasStarted(): boolean;
  start(status: number, headers: Readonly<Record<string, string>>): void;
  /** Returns false when the client is behind; `onDrain` tells when it has caught up. */
  write(chunk: Uint8Array): boolean;
  onDrain(callback: () => void): void;
  end(chunk?: Uint8Array): void;
  /** What was started is a stream of events, which can say itself that it broke off. */
  carriesEvents(): boolean;
  /** Breaks an answer off that can not say so itself. */
  cut(error: PlatformError): void;
}

/** Answers over HTTP. */
export function createHttpSink(response: ServerResponse): ClientSink {
  let events = false;
  return {
    hasStarted: () => response.headersSent,
    carriesEvents: () => events,
    cut: () => void response.destroy(),
    start: (status, headers) => {
      events = isEvents(headers);
      response.writeHead(status, headers);
    },
    write: (chunk) => response.write(chunk),
    onDrain: (callback) => void response.once('drain', callback),
    end: (chunk) => void (chunk === undefined ? response.end() : response.end(chunk)),
  };
}

/** An answer to a caller in this process. */
export interface LocalReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteQueue;
}

/** Answers within the process; `onStart` is called with the reply as soon as its status is known. */
export function createLocalSink(onStart: (reply: LocalReply) => void, onLeave: () => void): ClientSink {
  let started = false;
  let events = false;
  let drained: (() => void) | undefined;
  const body = new ByteQueue({
    onResume: () => {
      const callback = drained;
      drained = undefined;
      callback?.();
    },
    onCancel: onLeave,
  });
  return {
    hasStarted: () => started,
    carriesEvents: () => events,
    cut: (error) => body.fail(error),
    start: (status, headers) => {
      started = true;
      events = isEvents(headers);
      onStart({ status, headers, body });
    },
    write: (chunk) => body.push(toBuffer(chunk)),
    onDrain: (callback) => {
      drained = callback;
    },
    end: (chunk) => {
      if (chunk !== undefined) body.push(toBuffer(chunk));
      body.end();
    },
  };
}

const isEvents = (headers: Readonly<Record<string, string>>): boolean => headers['content-type']?.startsWith('text/event-stream') === true;

const toBuffer = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
