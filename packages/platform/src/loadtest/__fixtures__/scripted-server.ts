import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedServer {
  readonly url: string;
  /** Bodies of all requests for an answer, in order. */
  readonly bodies: readonly Record<string, unknown>[];
  readonly keys: readonly (string | undefined)[];
  close(): Promise<void>;
}

export interface Script {
  readonly models?: { readonly status: number; readonly body: unknown };
  /** Answers request number `index`, from 0. */
  answer(response: ServerResponse, body: Record<string, unknown>, index: number): void;
}

/** A server that answers as a test tells it. */
export async function startScripted(script: Script): Promise<ScriptedServer> {
  const bodies: Record<string, unknown>[] = [];
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      keys.push(request.headers.authorization);
      if (request.method === 'GET') {
        const { status, body } = script.models ?? { status: 200, body: { data: [{ id: 'scripted' }] } };
        return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      bodies.push(body);
      script.answer(response, body, bodies.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    keys,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Streams words as a completion, with the usage at the end when it is asked for. */
export function streamWords(response: ServerResponse, body: Record<string, unknown>, words: readonly string[]): void {
  const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const text of words) response.write(event({ choices: [{ text, finish_reason: null }] }));
  response.write(event({ choices: [{ text: '', finish_reason: 'length' }] }));
  if ('stream_options' in body) response.write(event({ choices: [], usage: { prompt_tokens: promptWords(body), completion_tokens: words.length } }));
  response.end('data: [DONE]\n\n');
}

export const refuse = (response: ServerResponse, status: number, message: string): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));

/** One token per word and three around them. */
const promptWords = (body: Record<string, unknown>): number => String(body['prompt']).split(' ').length + 3;
