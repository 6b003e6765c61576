import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { ToolServer } from '@maru/api/resources';
import type { CallToolResult, Tool as McpToolInfo } from '@modelcontextprotocol/client';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { ToolServers } from '../../ports.ts';
import { connectMcp, type McpConnection } from './mcp-connection.ts';

interface McpCall {
  readonly server: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly traceparent: string;
}

/** Connections to tool servers: opened at first use, shared by all runs, opened again when a server has gone. */
export interface McpServers {
  /** Throws `reference_missing` for an unknown server, `tool_failed` when it does not answer. */
  listTools(server: string, signal: AbortSignal): Promise<readonly McpToolInfo[]>;
  callTool(call: McpCall, signal: AbortSignal): Promise<CallToolResult>;
  close(): Promise<void>;
}

export interface McpServersOptions {
  readonly toolServers: ToolServers;
  readonly clock: Clock;
  readonly log: Log;
  readonly searchPath: string;
}

/** A server may offer this many tools; more would fill the prompt of every call. */
const MAX_TOOLS = 200;

export function createMcpServers({ toolServers, clock, log, searchPath }: McpServersOptions): McpServers {
  const connections = new Map<string, { spec: string; connection: Promise<McpConnection> }>();
  let closed = false;

  const drop = async (name: string): Promise<void> => {
    const known = connections.get(name);
    connections.delete(name);
    await known?.connection.then((connection) => connection.close()).catch(() => undefined);
  };

  const connect = async (name: string): Promise<McpConnection> => {
    const server = toolServers.find(name);
    if (server === undefined) throw new PlatformError('reference_missing', { message: `there is no ToolServer "${name}"` });
    if (closed) throw new PlatformError('shutting_down', { message: 'the platform is about to stop' });
    const spec = JSON.stringify(server.spec);
    const known = connections.get(name);
    if (known !== undefined && known.spec === spec && (await isUsable(known.connection))) return known.connection;
    if (connections.get(name) === known) {
      if (known !== undefined) await drop(name);
      connections.set(name, { spec, connection: connectMcp({ server, bearer: bearerOf(server), searchPath, clock }) });
      log.info({ server: name }, 'tool server connected to');
    }
    const current = connections.get(name);
    if (current === undefined) throw new PlatformError('tool_failed', { message: `the tool server "${name}" was closed` });
    return current.connection;
  };

  const bearerOf = (server: ToolServer): string | undefined => {
    const { transport } = server.spec;
    if (transport.type !== 'http' || transport.bearer === undefined) return undefined;
    const value = toolServers.secret(transport.bearer);
    if (value === undefined)
      throw new PlatformError('config_invalid', { message: `the secret that ToolServer "${server.metadata.name}" names in spec.transport.bearer is not set` });
    return value;
  };

  const using = async <T>(name: string, work: (connection: McpConnection) => Promise<T>): Promise<T> => {
    const connection = await connect(name);
    try {
      return await work(connection);
    } catch (cause) {
      if (!connection.isOpen()) await drop(name);
      if (isPlatformError(cause)) throw cause;
      throw new PlatformError('tool_failed', { message: `the tool server "${name}" failed: ${(cause as Error).message}`, cause });
    }
  };

  return {
    listTools: (name, signal) =>
      using(name, async ({ client, timeoutMs }) => {
        const { tools } = await client.listTools(undefined, { signal, timeout: timeoutMs });
        return tools.slice(0, MAX_TOOLS);
      }),
    callTool: (call, signal) =>
      using(call.server, ({ client, timeoutMs }) =>
        client.callTool(
          { name: call.tool, arguments: { ...call.arguments }, _meta: { traceparent: call.traceparent } },
          { signal, timeout: timeoutMs, maxTotalTimeout: timeoutMs },
        ),
      ),
    async close() {
      closed = true;
      await Promise.all([...connections.keys()].map(drop));
    },
  };
}

/** A connection that failed to open counts as unusable: the next call tries again. */
async function isUsable(connection: Promise<McpConnection>): Promise<boolean> {
  try {
    return (await connection).isOpen();
  } catch {
    return false;
  }
}
