import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { maru, root } from './maru.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-dynamo-'));
const EXAMPLES = readdirSync(join(root, 'examples/dynamo'))
  .filter((name) => name !== 'README.md')
  .sort();
const SPLIT = ['multi-replica-vllm', 'sglang-disagg', 'trtllm-disagg', 'vllm-disagg'];
const fileOf = (name: string): string => `examples/dynamo/${name}`;

let platform: PlatformProcess;
const server = (): string[] => ['--server', platform.url, '--key', platform.key];

beforeAll(async () => {
  platform = await startPlatformProcess({ dataDir: join(folder, 'all'), files: EXAMPLES.map(fileOf) });
});
afterAll(async () => {
  await platform.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

interface Endpoint {
  endpoint: string;
  requests: number;
  simulated: boolean;
  realisedHit: number | null;
}

async function endpointsOf(model: string): Promise<readonly Endpoint[]> {
  const response = await fetch(`${platform.url}/api/v1/models`, { headers: { authorization: `Bearer ${platform.key}` } });
  const { items } = (await response.json()) as { items: { id: string; endpoints: Endpoint[] }[] };
  return items.find(({ id }) => id === model)?.endpoints ?? [];
}

interface Answer {
  endpoint: string | null;
  usage: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } };
}

async function ask(model: string, system: string, question: string): Promise<Answer> {
  const response = await fetch(`${platform.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      max_tokens: 8,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: question },
      ],
    }),
  });
  expect(response.status).toBe(200);
  return { ...((await response.json()) as Answer), endpoint: response.headers.get('x-maru-endpoint') };
}

const manual = (topic: string): string => `The manual of ${topic} says a lot about it. `.repeat(150);

describe('examples of Dynamo', () => {
  it('are the nine of the blueprint', () => {
    expect(EXAMPLES).toEqual(['hello-world', 'kv-routing', 'multi-replica-vllm', 'sglang', 'sglang-disagg', 'trtllm', 'trtllm-disagg', 'vllm', 'vllm-disagg']);
  });

  it('answer, hit their caches, split prefill and decode, and spread, as "maru test" sees it', async () => {
    const { code, out, err } = await maru('test', ...EXAMPLES.flatMap((name) => ['-f', fileOf(name)]), ...server());

    expect(err).toBe('');
    expect(out).not.toContain('FAILED');
    expect(code).toBe(0);
    for (const name of EXAMPLES) {
      expect(out).toContain(`ok      ${name}  answers: ${name}-`);
      expect(out).toContain(`ok      ${name}  finds a prompt again`);
    }
    for (const name of SPLIT)
      expect(out).toMatch(new RegExp(`ok {6}${name} {2}splits prefill and decode: prompt at ${name}-prefill-\\d, answer at ${name}-decode-\\d`));
    expect(out).toContain('ok      kv-routing  spreads different prompts');
  });

  it('say that their replicas are simulated, and have as many as the graph would have', async () => {
    const names = async (model: string): Promise<readonly string[]> => (await endpointsOf(model)).map(({ endpoint }) => endpoint);

    expect(await names('kv-routing')).toEqual(['kv-routing-0', 'kv-routing-1', 'kv-routing-2', 'kv-routing-3']);
    expect(await names('vllm-disagg')).toEqual(['vllm-disagg-prefill-0', 'vllm-disagg-decode-0', 'vllm-disagg-decode-1']);
    expect((await endpointsOf('vllm')).every(({ simulated }) => simulated)).toBe(true);
  });

  it('kv-routing: questions about one manual go to the worker that has it, and the hit is real', async () => {
    const first = await ask('kv-routing', manual('a ship'), 'Where is the anchor?');
    const others = [];
    for (const question of ['Where is the bell?', 'Where is the mast?', 'Where is the wheel?'])
      others.push(await ask('kv-routing', manual('a ship'), question));

    expect(new Set(others.map(({ endpoint }) => endpoint))).toEqual(new Set([first.endpoint]));
    for (const { usage } of others) expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(usage.prompt_tokens * 0.9);
    expect((await endpointsOf('kv-routing')).find(({ endpoint }) => endpoint === first.endpoint)?.realisedHit).toBeGreaterThan(0.1);
  });

  it('kv-routing: different manuals go to different workers', async () => {
    const answers = await Promise.all(
      ['a car', 'a clock', 'a radio', 'a loom', 'a pump', 'a crane'].map((topic) => ask('kv-routing', manual(topic), 'What is it?')),
    );

    expect(new Set(answers.map(({ endpoint }) => endpoint)).size).toBeGreaterThan(1);
  });

  it.each(SPLIT)('%s: prefill replicas have really worked', async (name) => {
    const endpoints = await endpointsOf(name);
    const prefills = endpoints.filter(({ endpoint }) => endpoint.includes('-prefill-'));

    expect(prefills.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(0);
  });

  it('can be removed and deployed again', async () => {
    const cleaned = await maru('clean', '-f', fileOf('hello-world'), ...server());
    const gone = await maru('test', '-f', fileOf('hello-world'), ...server());
    const again = await maru('clean', '-f', fileOf('hello-world'), ...server());
    const deployed = await maru('deploy', '-f', fileOf('hello-world'), ...server());

    expect(cleaned).toMatchObject({ code: 0, out: 'Model/hello-world deleted\n' });
    expect(gone).toMatchObject({ code: 1, out: expect.stringContaining('FAILED  hello-world  answers: status 404') });
    expect(again).toMatchObject({ code: 0, out: 'Model/hello-world is not there\n' });
    expect(deployed).toMatchObject({ code: 0, out: expect.stringContaining('Model/hello-world is served by 1 endpoints') });
  });
});
