import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ToolServer } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createSystemClock } from '#time';
import { createTestHandler } from '../../__fixtures__/mcp-server.ts';
import { createScriptedModel, eventsOf, inTurn, makeAgent, makeToolServer, openBench, PAYER } from '../../__fixtures__/test-kit.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { createMcpServers, type McpServers } from './mcp-servers.ts';
import { createMcpTools } from './mcp-tools.ts';

const CHILD = fileURLToPath(new URL('../../__fixtures__/mcp-stdio.ts', import.meta.url));
const signal = new AbortController().signal;
const context = { signal, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } as ToolContext;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function openServers(servers: readonly ToolServer[], secrets: Record<string, string> = {}): McpServers {
  const mcp = createMcpServers({
    toolServers: { find: (name) => servers.find((server) => server.metadata.name === name), secret: (ref) => ('env' in ref ? secrets[ref.env] : undefined) },
    clock: createSystemClock(),
    log: silentLog,
    searchPath: '/usr/bin:/bin',
  });
  cleanUps.push(() => mcp.close());
  return mcp;
}

const stdioServer = (env: Record<string, string> = {}, timeout = '15s'): ToolServer =>
  makeToolServer('child', { type: 'stdio', command: process.execPath, args: [CHILD], env }, timeout);

interface Remote {
  readonly url: string;
  readonly calls: string[];
  readonly requests: { authorization: string | undefined; body: string }[];
}

/** The same tools behind HTTP on loopback. */
async function openRemote(port = 0): Promise<Remote & { server: Server }> {
  const calls: string[] = [];
  const requests: Remote['requests'] = [];
  const handler = createTestHandler((name) => calls.push(name));
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      requests.push({ authorization: request.headers.authorization, body: body.toString('utf8') });
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []));
      const answer = await handler.fetch(
        new Request(`http://127.0.0.1${request.url ?? '/'}`, { method: request.method ?? 'GET', headers, ...(body.length > 0 ? { body } : {}) }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body !== null) for await (const chunk of answer.body) response.write(chunk);
      response.end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, calls, requests, server };
}

const httpServer = (url: string, extra: Record<string, unknown> = {}, timeout = '5s'): ToolServer =>
  makeToolServer('remote', { type: 'http', url, ...extra }, timeout);
const toolsOf = (mcp: McpServers, server: string, names?: string[]): Promise<readonly Tool[]> =>
  createMcpTools({ type: 'mcp', server, ...(names === undefined ? {} : { tools: names }) }, mcp, signal);
const pick = (tools: readonly Tool[], name: string): Tool => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new RangeError(`no tool ${name}`);
  return tool;
};

describe('a tool server that is a child process', { timeout: 60_000 }, () => {
  let mcp: McpServers;
  beforeEach(() => {
    mcp = openServers([stdioServer({ TOKEN: 'given' })]);
  });

  it('lists its tools by name and answers calls; the child gets PATH and what the resource names, nothing else', async () => {
    const tools = await toolsOf(mcp, 'child');

    expect(tools.map((tool) => tool.name)).toEqual(['environment', 'exit', 'fail', 'pictures', 'shout', 'slow']);
    expect(await pick(tools, 'shout').call({ text: 'hello' }, context)).toEqual({ content: 'HELLO', isError: false });
    const { content } = await pick(tools, 'environment').call({}, context);
    expect(Object.keys(JSON.parse(content) as object).filter((name) => !name.startsWith('__CF'))).toEqual(['PATH', 'TOKEN']);
  });

  it('is started again after it has gone', async () => {
    const tools = await toolsOf(mcp, 'child');
    await expect(pick(tools, 'exit').call({}, context)).rejects.toMatchObject({ code: 'tool_failed' });

    expect(await pick(tools, 'shout').call({ text: 'again' }, context)).toMatchObject({ content: 'AGAIN' });
  });

  it('says when the command can not be started', async () => {
    const broken = openServers([makeToolServer('broken', { type: 'stdio', command: '/nowhere/tool' })]);

    await expect(toolsOf(broken, 'broken')).rejects.toMatchObject({ code: 'tool_failed', message: expect.stringContaining('"broken" does not answer') });
  });
});

describe('a tool server behind HTTP', () => {
  it('is spoken to in the protocol of 2026, with the trace of the run', async () => {
    const remote = await openRemote();
    const mcp = openServers([httpServer(remote.url)]);

    const tools = await toolsOf(mcp, 'remote');
    await pick(tools, 'shout').call({ text: 'hello' }, context);

    expect(remote.calls).toEqual(['shout']);
    expect(remote.requests.some(({ body }) => body.includes('server/discover'))).toBe(true);
    expect(remote.requests.find(({ body }) => body.includes('tools/call'))?.body).toContain(context.traceparent);
  });

  it('offers only the tools that the agent names', async () => {
    const remote = await openRemote();
    const mcp = openServers([httpServer(remote.url)]);

    expect((await toolsOf(mcp, 'remote', ['shout'])).map((tool) => tool.name)).toEqual(['shout']);
    await expect(toolsOf(mcp, 'remote', ['shout', 'sing'])).rejects.toMatchObject({
      code: 'tool_not_found',
      message: expect.stringContaining('has no tool "sing"'),
    });
  });

  it('says which tools may be repeated', async () => {
    const remote = await openRemote();
    const tools = await toolsOf(openServers([httpServer(remote.url)]), 'remote');

    expect(tools.filter((tool) => tool.idempotent).map((tool) => tool.name)).toEqual(['pictures', 'shout']);
  });

  it('hands on what a tool says is wrong, and names content that is not text', async () => {
    const remote = await openRemote();
    const tools = await toolsOf(openServers([httpServer(remote.url)]), 'remote');

    expect(await pick(tools, 'fail').call({}, context)).toEqual({ content: 'it is broken', isError: true });
    expect((await pick(tools, 'pictures').call({}, context)).content).toBe('[image]\n[a.txt](file:///a.txt)\ntext of b');
  });

  it('ends a call that takes longer than the timeout of the server', async () => {
    const remote = await openRemote();
    const tools = await toolsOf(openServers([httpServer(remote.url, {}, '200ms')]), 'remote');

    await expect(pick(tools, 'slow').call({}, context)).rejects.toMatchObject({ code: 'tool_failed' });
  });

  it('ends a call when the run is cancelled', async () => {
    const remote = await openRemote();
    const tools = await toolsOf(openServers([httpServer(remote.url)]), 'remote');
    const run = new AbortController();

    const call = pick(tools, 'slow').call({}, { ...context, signal: run.signal });
    run.abort();

    await expect(call).rejects.toMatchObject({ code: 'tool_failed' });
  });

  it('sends headers and the bearer token of the resource', async () => {
    const remote = await openRemote();
    const mcp = openServers([httpServer(remote.url, { bearer: { env: 'MCP_TOKEN' } })], { MCP_TOKEN: 'hush' });

    await toolsOf(mcp, 'remote');

    expect(remote.requests.every((request) => request.authorization === 'Bearer hush')).toBe(true);
  });

  it('is not called when its secret is not set', async () => {
    const remote = await openRemote();

    await expect(toolsOf(openServers([httpServer(remote.url, { bearer: { env: 'MCP_TOKEN' } })]), 'remote')).rejects.toMatchObject({ code: 'config_invalid' });
    expect(remote.requests).toEqual([]);
  });

  it('is connected to once for many calls', async () => {
    const remote = await openRemote();
    const mcp = openServers([httpServer(remote.url)]);

    const [tools] = await Promise.all([toolsOf(mcp, 'remote'), toolsOf(mcp, 'remote')]);
    await Promise.all(['a', 'b', 'c'].map((text) => pick(tools, 'shout').call({ text }, context)));

    expect(remote.requests.filter(({ body }) => body.includes('server/discover'))).toHaveLength(1);
    expect(remote.calls).toHaveLength(3);
  });

  it('says when nobody answers, and when the name is unknown', async () => {
    const mcp = openServers([httpServer('http://127.0.0.1:1/mcp')]);

    await expect(toolsOf(mcp, 'remote')).rejects.toMatchObject({ code: 'tool_failed' });
    await expect(toolsOf(mcp, 'other')).rejects.toMatchObject({ code: 'reference_missing' });
  });

  it('is refused after the room was closed', async () => {
    const remote = await openRemote();
    const mcp = openServers([httpServer(remote.url)]);
    await mcp.close();

    await expect(toolsOf(mcp, 'remote')).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('serves an agent from question to answer', async () => {
    const remote = await openRemote();
    const model = createScriptedModel(
      inTurn(
        {
          calls: [
            { name: 'shout', args: { text: 'hi' } },
            { name: 'shout', args: { texts: 1 } },
          ],
        },
        'It says HI.',
      ),
    );
    const bench = await openBench({ model, toolServers: [httpServer(remote.url)] });
    cleanUps.push(() => bench.close());

    const run = await bench.agents.start(makeAgent({ tools: [{ type: 'mcp', server: 'remote' }] }), { input: 'Shout', ...PAYER });
    await eventsOf(bench.agents, run.id);

    const results = model.requests[1]?.messages.slice(-2).map((message) => String(message.content)) ?? [];
    expect(results[0]).toBe('HI');
    expect(results[1]).toContain('the arguments of the tool \\"shout\\" are wrong');
    expect(remote.calls).toEqual(['shout']);
  });
});
