import type { ServerHttp2Stream } from 'node:http2';
import { toPlatformError } from '@maru/api/errors';
import { frameMessage, MessageFrames } from './message-frames.ts';

/** Numbers of gRPC's states. */
const OK = 0;
const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const UNIMPLEMENTED = 12;
const INTERNAL = 13;

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

/** What a method may do with its stream. */
interface GrpcStream {
  send(message: Uint8Array): void;
  /** In order where no status is given. */
  end(status?: GrpcStatus): void;
}

/** What a method does with what comes in. What it throws ends the stream with a status. */
interface GrpcReceiver {
  message(bytes: Buffer): Promise<void> | void;
  /** The client has nothing more to send. */
  end(): void;
  /** The stream is closed, in order or not; told once, after everything else. */
  closed(): void;
}

export type GrpcMethod = (stream: GrpcStream) => GrpcReceiver;

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** Answers without a message. */
export function endWith(stream: ServerHttp2Stream, { code, message }: GrpcStatus): void {
  if (!stream.destroyed && !stream.headersSent)
    stream.respond({ ...HEADERS, 'grpc-status': code, 'grpc-message': encodeURIComponent(message) }, { endStream: true });
}

/** Runs one method on one stream. */
export function serveStream(stream: ServerHttp2Stream, method: GrpcMethod): void {
  const frames = new MessageFrames();
  let status: GrpcStatus = { code: OK, message: '' };
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': status.code, ...(status.message === '' ? {} : { 'grpc-message': encodeURIComponent(status.message) }) }),
  );

  const receiver = method({
    send: (message) => {
      if (stream.writableEnded || stream.destroyed) return;
      // What a slow proxy does not take must not pile up here.
      if (!stream.write(frameMessage(message))) stream.pause();
    },
    end: (last) => {
      if (last !== undefined) status = last;
      stream.end();
    },
  });
  const fail = (thrown: unknown): void => {
    const error = toPlatformError(thrown);
    status = { code: error.code === 'invalid_request' ? INVALID_ARGUMENT : INTERNAL, message: error.message };
    stream.end();
  };
  stream.on('drain', () => stream.resume());
  stream.on('data', (chunk: Buffer) => {
    if (stream.writableEnded) return;
    try {
      for (const message of frames.push(chunk)) receiver.message(message)?.catch(fail);
    } catch (error) {
      fail(error);
    }
  });
  stream.on('end', () => {
    if (!stream.aborted) receiver.end();
  });
  stream.on('close', () => receiver.closed());
}
