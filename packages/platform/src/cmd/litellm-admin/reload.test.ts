import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

/** A model server whose streams go on when the test says so. */
async function startSlowModel() {
  const open: ServerResponse[] = [];
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('one '));
      open.push(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bodies,
    open,
    finishAll: () => {
      for (const response of open.splice(0)) response.end(`${chunk('two', 'stop')}data: [DONE]\n\n`);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a config.yaml that changes under load', () => {
  let admin: Admin;
  let model: Awaited<ReturnType<typeof startSlowModel>>;
  const config = (entries: string, more = ''): string => `model_list:\n${entries}general_settings: { master_key: sk-the-master-of-these-tests }\n${more}`;
  const entry = (name: string, temperature: number): string =>
    `  - { model_name: ${name}, litellm_params: { model: openai/x, api_key: sk-x, api_base: "${model.base}", temperature: ${temperature} } }\n`;
  const names = async (): Promise<string[]> => ((await admin.get('/v1/models')).json['data'] as { id: string }[]).map(({ id }) => id);
  const start = (name: string): Promise<Response> =>
    fetch(`${admin.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-the-master-of-these-tests', 'content-type': 'application/json' },
      body: JSON.stringify({ model: name, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    });

  beforeAll(async () => {
    model = await startSlowModel();
    admin = await startAdmin(config(entry('first', 0.1)));
  });
  afterAll(async () => {
    await admin.close();
    model.close();
  });

  it('finishes the streams that run, on the model that they began with, while new requests see the new file', async () => {
    const running = await Promise.all(Array.from({ length: 5 }, () => start('first')));
    await vi.waitFor(() => expect(model.open).toHaveLength(5));

    // The model of the running streams is gone from the new file.
    writeFileSync(admin.file, config(entry('second', 0.2)));
    await vi.waitFor(async () => expect(await names()).toEqual(['second']), { timeout: 15_000 });
    expect((await start('first')).status).toBe(404);
    const fresh = await start('second');
    await vi.waitFor(() => expect(model.open).toHaveLength(6));
    model.finishAll();

    for (const response of [...running, fresh]) {
      const text = await response.text();
      expect(text).toContain('two');
      expect(text).toContain('[DONE]');
    }
    expect(model.bodies.map((body) => body['temperature'])).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.2]);
    expect((await admin.get('/api/v1/sources')).json).toMatchObject({
      changes: ['+Model/second-1', '+Route/second', '-Model/first-1', '-Route/first'],
      refused: null,
    });
  });

  it('keeps models and rules when a change is broken, and says where', async () => {
    writeFileSync(admin.file, config(entry('third', 0.3), 'litellm_settings: { default_key_generate_params: { max_budget: 1 } '));
    await vi.waitFor(
      async () => expect((await admin.get('/api/v1/sources')).json['refused']).toMatchObject({ message: expect.stringMatching(/config\.yaml:\d+/) as string }),
      {
        timeout: 15_000,
      },
    );

    expect(await names()).toEqual(['second']);
    expect((await admin.post('/key/generate', {})).json).toMatchObject({ max_budget: null });
  });

  it('takes rules of keys and pass-through endpoints with the models', async () => {
    const rules = `litellm_settings: { default_key_generate_params: { max_budget: 1 } }\n`;
    writeFileSync(admin.file, config(entry('second', 0.2), rules));
    await vi.waitFor(async () => expect((await admin.get('/api/v1/sources')).json['refused']).toBeNull(), { timeout: 15_000 });
    await vi.waitFor(async () => expect((await admin.post('/key/generate', {})).json).toMatchObject({ max_budget: 1 }), { timeout: 15_000 });

    expect(await names()).toEqual(['second']);
  });
});
