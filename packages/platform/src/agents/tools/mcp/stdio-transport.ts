import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { PlatformError } from '@maru/api/errors';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { Clock } from '#time';

export interface StdioTransportOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Value of PATH, the only variable that the child gets unasked. */
  readonly searchPath: string;
  readonly clock: Clock;
}

/** One message must not fill the memory. */
const MAX_MESSAGE_BYTES = 10_000_000;
const GRACE_MS = 2_000;

/**
 * MCP over the standard streams of a child process.
 * The transport of the SDK also hands on HOME, USER, SHELL and others; this one hands on nothing that the resource does not name.
 */
export async function createStdioTransport(options: StdioTransportOptions): Promise<Transport> {
  const { ReadBuffer, serializeMessage } = await import('@modelcontextprotocol/client');
  const buffer = new ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES });
  let child: ChildProcessByStdio<Writable, Readable, null> | undefined;

  const read = (chunk: Buffer): void => {
    try {
      buffer.append(chunk);
      for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) transport.onmessage?.(message);
    } catch (error) {
      transport.onerror?.(error as Error);
      void transport.close();
    }
  };

  const transport: Transport = {
    start: () =>
      new Promise((resolve, reject) => {
        const started = spawn(options.command, [...options.args], {
          env: { PATH: options.searchPath, ...options.env },
          // What a tool server says on standard error may hold secrets or prompts.
          stdio: ['pipe', 'pipe', 'ignore'],
          shell: false,
          windowsHide: true,
        });
        child = started;
        started.once('spawn', resolve);
        started.once('error', (cause) =>
          reject(new PlatformError('tool_failed', { message: `the tool server "${options.command}" can not be started`, cause })),
        );
        started.once('exit', () => transport.onclose?.());
        started.stdin.on('error', (error) => transport.onerror?.(error));
        started.stdout.on('error', (error) => transport.onerror?.(error));
        started.stdout.on('data', read);
      }),
    send: (message: JSONRPCMessage) =>
      new Promise((resolve, reject) => {
        if (child === undefined || child.exitCode !== null || child.signalCode !== null || !child.stdin.writable) {
          reject(new PlatformError('tool_failed', { message: `the tool server "${options.command}" has stopped` }));
          return;
        }
        child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      const stopping = child;
      child = undefined;
      buffer.clear();
      if (stopping !== undefined) await stopChild(stopping, options.clock);
    },
  };
  return transport;
}

/** Closes its input, then asks, then ends it: no child outlives the one who started it. */
async function stopChild(child: ChildProcessByStdio<Writable, Readable, null>, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin.end();
  child.kill('SIGTERM');
  const timer = clock.schedule(GRACE_MS, () => child.kill('SIGKILL'));
  await exited;
  timer.cancel();
}
