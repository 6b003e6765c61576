import { PlatformError } from '@maru/api/errors';
import { durationToMs, type ToolServer } from '@maru/api/resources';
import type { Client, Transport } from '@modelcontextprotocol/client';
import type { Clock } from '#time';
import { createStdioTransport } from './stdio-transport.ts';

export interface ConnectOptions {
  readonly server: ToolServer;
  readonly bearer: string | undefined;
  readonly searchPath: string;
  readonly clock: Clock;
}

export interface McpConnection {
  readonly client: Client;
  readonly timeoutMs: number;
  /** False once the server has gone. */
  isOpen(): boolean;
  close(): Promise<void>;
}

/** Connects to a tool server, of the protocol of 2026 or of an older one; throws `tool_failed` when it does not answer. */
export async function connectMcp(options: ConnectOptions): Promise<McpConnection> {
  const { Client } = await import('@modelcontextprotocol/client');
  const name = options.server.metadata.name;
  const timeoutMs = durationToMs(options.server.spec.timeout);
  const client = new Client({ name: 'maru', version: '0.1.0' }, { versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.min(5_000, timeoutMs) } } });
  let open = true;
  client.onclose = () => {
    open = false;
  };
  try {
    await client.connect(await createTransport(options), { timeout: timeoutMs });
  } catch (cause) {
    await client.close().catch(() => undefined);
    throw new PlatformError('tool_failed', { message: `the tool server "${name}" does not answer: ${(cause as Error).message}`, cause });
  }
  return { client, timeoutMs, isOpen: () => open, close: () => client.close() };
}

async function createTransport({ server, bearer, searchPath, clock }: ConnectOptions): Promise<Transport> {
  const { transport } = server.spec;
  if (transport.type === 'stdio') return createStdioTransport({ command: transport.command, args: transport.args, env: transport.env, searchPath, clock });
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const headers = { ...transport.headers, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) };
  return new StreamableHTTPClientTransport(new URL(transport.url), { requestInit: { headers, redirect: 'error' } });
}
