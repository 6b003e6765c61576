import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { createTestServer } from './mcp-server.ts';

await createTestServer().connect(new StdioServerTransport());
