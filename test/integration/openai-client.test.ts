import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { runPython } from './python.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-clients-'));
const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: 'calculate',
      description: 'Evaluates arithmetic',
      parameters: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
    },
  },
];

describe('unmodified OpenAI clients', () => {
  let platform: PlatformProcess;
  let client: OpenAI;

  beforeAll(async () => {
    platform = await startPlatformProcess({ dataDir: folder });
    client = new OpenAI({ baseURL: `${platform.url}/v1`, apiKey: platform.key });
  });
  afterAll(async () => {
    await platform.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('of npm list, chat, stream, call a tool and embed', async () => {
    const models = await client.models.list();
    const answer = await client.chat.completions.create({ model: 'reader', messages: [{ role: 'user', content: 'hello' }] });
    let streamed = '';
    let finish: string | null = null;
    for await (const chunk of await client.chat.completions.create({
      model: 'sim-8b',
      stream: true,
      max_tokens: 12,
      messages: [{ role: 'user', content: 'Tell me something' }],
    })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    const tool = await client.chat.completions.create({ model: 'reader', tools: TOOLS, messages: [{ role: 'user', content: 'What is 12 * 12?' }] });
    const vectors = await client.embeddings.create({ model: 'reader-embed', input: ['one', 'two'] });

    expect(models.data.map((model) => model.id)).toEqual(expect.arrayContaining(['reader', 'sim-8b', 'auto', 'agent/guide']));
    expect(answer.choices[0]?.message.content).toContain('reader');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    expect(streamed.length).toBeGreaterThan(10);
    expect(finish).toBe('length');
    const call = tool.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ expression: '12 * 12' });
    expect(vectors.data.map((entry) => entry.embedding.length)).toEqual([512, 512]);
  });

  it('of npm get errors of the right class', async () => {
    const unknown = await client.chat.completions.create({ model: 'gpt-9', messages: [{ role: 'user', content: 'x' }] }).catch((error: unknown) => error);
    const stranger = await new OpenAI({ baseURL: `${platform.url}/v1`, apiKey: 'sk-wrong-key' }).models.list().catch((error: unknown) => error);

    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it('of Python chat, stream and call a tool', { timeout: 240_000 }, async () => {
    const printed = await runPython(['openai==3.54.0'], PROGRAM, { BASE_URL: `${platform.url}/v1`, API_KEY: platform.key });

    expect(printed.trim().split('\n')).toEqual(['chat ok', 'stream ok', 'tool ok']);
  });
});

const PROGRAM = `
import json, os
from openai import OpenAI
client = OpenAI(base_url=os.environ["BASE_URL"], api_key=os.environ["API_KEY"])
answer = client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "hello"}])
assert answer.choices[0].message.content and answer.usage.total_tokens > 0
print("chat ok")
text = "".join(chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(model="sim-8b", stream=True, max_tokens=12, messages=[{"role": "user", "content": "Tell me something"}]) if chunk.choices)
assert len(text) > 10
print("stream ok")
tools = [{"type": "function", "function": {"name": "calculate", "description": "Evaluates arithmetic", "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}}}]
call = client.chat.completions.create(model="reader", tools=tools, messages=[{"role": "user", "content": "What is 12 * 12?"}]).choices[0].message.tool_calls[0]
assert json.loads(call.function.arguments) == {"expression": "12 * 12"}
print("tool ok")
`;
