import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { GuardedFetch } from '../../ports.ts';
import type { Tool, ToolSpec } from '../tool.ts';
import { readableText } from './readable-text.ts';

const MAX_BYTES = 5_000_000;
const MAX_TEXT_CHARACTERS = 20_000;
const TIMEOUT_MS = 20_000;

const urlField = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .describe('The address to fetch.');
const bodyField = z.string().max(100_000).describe('The body to send, usually JSON.').optional();

/** Fetches an address through the guarded fetch and gives back what a person would read there. */
export function createHttpTool(spec: ToolSpec<'http'>, http: GuardedFetch): Tool {
  const post = spec.method === 'POST';
  const argumentsSchema = z.strictObject({ ...(spec.url === undefined ? { url: urlField } : {}), ...(post ? { body: bodyField } : {}) });
  return {
    name: spec.name,
    description: spec.description ?? describe(spec),
    parameters: z.toJSONSchema(argumentsSchema),
    idempotent: !post,
    async call(args, context) {
      const given = args as { url?: string; body?: string };
      const url = spec.url ?? given.url;
      if (url === undefined) throw new PlatformError('invalid_request', { message: `the tool "${spec.name}" needs a url` });
      const reply = await http.fetch(
        {
          url,
          method: spec.method,
          headers: {
            accept: 'text/html, application/json, text/plain;q=0.9, */*;q=0.1',
            traceparent: context.traceparent,
            // The same on every attempt, for servers that know repeated requests by it.
            ...(post ? { 'idempotency-key': `${context.runId}.${context.callId}` } : {}),
            ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: given.body,
          // A fixed address needs no list: its host is the one that may be reached.
          allowHosts: spec.url === undefined || spec.allowHosts.length > 0 ? spec.allowHosts : [new URL(spec.url).hostname],
          maxBytes: MAX_BYTES,
          timeoutMs: TIMEOUT_MS,
        },
        context.signal,
      );
      const { title, text } = await readableText(reply);
      const cut = text.length > MAX_TEXT_CHARACTERS || reply.truncated;
      return {
        content: JSON.stringify({
          url: reply.url,
          status: reply.status,
          ...(title === '' ? {} : { title }),
          text: text.slice(0, MAX_TEXT_CHARACTERS),
          ...(cut ? { cut } : {}),
        }),
        isError: reply.status >= 400,
      };
    },
  };
}

function describe(spec: ToolSpec<'http'>): string {
  if (spec.url !== undefined) return `${spec.method === 'GET' ? 'Reads' : 'Sends a request to'} ${spec.url}.`;
  const where = spec.allowHosts.length > 0 ? `on ${spec.allowHosts.join(', ')}` : 'on the public internet';
  return `Fetches an address ${where} and returns its text.`;
}
