import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** Tools for the tests of the MCP client. */
export function createTestServer(onCall: (name: string) => void = () => undefined): McpServer {
  const server = new McpServer({ name: 'test-server', version: '1.0.0' });
  server.registerTool(
    'shout',
    { description: 'Says it loudly.', inputSchema: z.object({ text: z.string() }), annotations: { readOnlyHint: true } },
    ({ text }) => {
      onCall('shout');
      return { content: [{ type: 'text', text: text.toUpperCase() }] };
    },
  );
  server.registerTool('fail', { description: 'Always fails.', inputSchema: z.object({}) }, () => {
    onCall('fail');
    return { content: [{ type: 'text', text: 'it is broken' }], isError: true };
  });
  server.registerTool('environment', { description: 'Lists the environment.', inputSchema: z.object({}) }, () => ({
    content: [{ type: 'text', text: JSON.stringify(process.env) }],
  }));
  server.registerTool('slow', { description: 'Never answers.', inputSchema: z.object({}) }, () => new Promise(() => undefined));
  server.registerTool('exit', { description: 'Ends the server.', inputSchema: z.object({}) }, () => process.exit(0));
  server.registerTool('pictures', { description: 'Gives other content.', inputSchema: z.object({}), annotations: { idempotentHint: true } }, () => ({
    content: [
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'resource_link', uri: 'file:///a.txt', name: 'a.txt' },
      { type: 'resource', resource: { uri: 'file:///b.txt', text: 'text of b' } },
    ],
  }));
  return server;
}

export const createTestHandler = (onCall: (name: string) => void): { fetch(request: Request): Promise<Response> } => createMcpHandler(() => createTestServer(onCall));
