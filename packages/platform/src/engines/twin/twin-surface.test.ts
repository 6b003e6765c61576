import { modelKind } from '@maru/api/resources';
import { afterAll, describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds, createSystemClock } from '#time';
import { createTwinEngine, type TwinEngine } from './twin-engine.ts';
import { createTwinServer } from './twin-server.ts';

const clock = createSystemClock();
const model = (serving: object = {}, twin: object = {}): ReturnType<typeof modelKind.schema.parse> =>
  modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'sim' },
    spec: { serving: { engine: 'twin', twin: { speed: 1000, ...twin }, ...serving } },
  });
const closers: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closers.map((close) => close()))));

async function serve(serving: object = {}, twin: object = {}): Promise<{ readonly url: string; readonly engine: TwinEngine }> {
  const engine = createTwinEngine({ model: model(serving, twin), replica: 0, clock, ids: createSeededIds() });
  const server = await createTwinServer({ engine, port: 0 });
  closers.push(server.close);
  return { url: server.url, engine };
}
const post = (url: string, body?: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const prompt = `${'a long beginning that is shared '.repeat(20)}and a question`;
const text = async (url: string): Promise<string> => (await fetch(url)).text();

describe('ranks of data parallelism', () => {
  it('have a cache each, and a request goes to the one that it names', async () => {
    const { url } = await serve({ parallelism: { data: 3 } });
    const ask = async (rank: string): Promise<number> => {
      const reply = await post(`${url}/v1/completions`, { prompt, max_tokens: 4 }, { 'x-data-parallel-rank': rank });
      return ((await reply.json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } }).usage.prompt_tokens_details.cached_tokens;
    };

    expect(await ask('2')).toBe(0);
    expect(await ask('1')).toBe(0);
    expect(await ask('2')).toBeGreaterThan(100);
    const metrics = await text(`${url}/metrics`);
    expect(metrics.match(/^# TYPE vllm:prompt_tokens_total counter$/gm)).toHaveLength(1);
    for (const [engine, count] of [
      [0, 0],
      [1, 1],
      [2, 2],
    ])
      expect(metrics).toContain(`vllm:time_to_first_token_seconds_count{model_name="sim",engine="${engine}"} ${count}`);
    expect((await post(`${url}/v1/completions`, { prompt }, { 'x-data-parallel-rank': '3' })).status).toBe(400);
  });

  it('share requests that name none by what each has to do', async () => {
    const fake = createFakeClock();
    const engine = createTwinEngine({ model: model({ parallelism: { data: 2 } }), replica: 0, clock: fake, ids: createSeededIds() });
    const signal = new AbortController().signal;
    const bodies = Array.from({ length: 6 }, () => Buffer.from(JSON.stringify({ prompt, stream: true, max_tokens: 50 })));
    await Promise.all(bodies.map((body) => engine.call({ operation: 'completions', body, stream: true, headers: {}, signal })));

    const running = [...engine.metrics().matchAll(/num_requests_waiting\{[^}]*\} (\d+)/g)].map(([, count]) => Number(count));
    expect(running).toEqual([3, 3]);
    await engine.close();
  });
});

describe('sleep', () => {
  it('drops keys and values, lets requests wait, and answers them after waking', async () => {
    const { url, engine } = await serve({}, { mechanisms: { start: { wakeMs: 1000 } } });
    await post(`${url}/v1/completions`, { prompt, max_tokens: 2 });
    const cached = (): number => engine.cachedTokensOf('completions', Buffer.from(JSON.stringify({ prompt })));
    expect(cached()).toBeGreaterThan(0);

    expect((await post(`${url}/sleep?level=1`)).status).toBe(200);
    expect(await (await fetch(`${url}/is_sleeping`)).json()).toEqual({ is_sleeping: true });
    expect(cached()).toBe(0);
    expect(await text(`${url}/metrics`)).toContain('vllm:engine_sleep_state{model_name="sim",engine="0",sleep_state="weights_offloaded"} 1');
    let answered = false;
    const waiting = post(`${url}/v1/completions`, { prompt, max_tokens: 2 }).then((reply) => {
      answered = true;
      return reply.status;
    });
    await expect.poll(() => engine.load().waiting, { timeout: 30_000 }).toBe(1);
    expect(answered).toBe(false);

    expect((await post(`${url}/wake_up`)).status).toBe(200);
    expect(await waiting).toBe(200);
    expect(await (await fetch(`${url}/is_sleeping`)).json()).toEqual({ is_sleeping: false });
    expect((await post(`${url}/wake_up`)).status).toBe(200);
    expect((await post(`${url}/sleep?level=3`)).status).toBe(400);
  });

  it('takes longer to wake from without weights, and computes anew what it was doing', async () => {
    const fake = createFakeClock();
    const engine = createTwinEngine({
      model: model({}, { speed: 1, mechanisms: { start: { wakeMs: 300, reloadMs: 60_000 } } }),
      replica: 0,
      clock: fake,
      ids: createSeededIds(),
    });
    const body = Buffer.from(JSON.stringify({ prompt, max_tokens: 20, ignore_eos: true }));
    const reply = engine.call({ operation: 'completions', body, stream: false, headers: {}, signal: new AbortController().signal });
    await fake.advance(60);
    expect(engine.load().running).toBe(1);

    engine.sleep.begin(2);
    engine.sleep.begin(1);
    expect(engine.sleep.level).toBe(2);
    await fake.advance(120_000);
    expect(engine.load()).toMatchObject({ running: 0, waiting: 1, kvUse: 0 });
    const awake = engine.sleep.end();
    await fake.advance(59_999);
    expect(engine.sleep.level).toBe(2);
    await fake.advance(1);
    await awake;
    await fake.advance(5000);
    expect((await reply).status).toBe(200);
    await engine.close();
  });
});

describe('a cold start', () => {
  it('refuses requests until it is over', async () => {
    const fake = createFakeClock();
    const engine = createTwinEngine({
      model: model({}, { speed: 10, mechanisms: { start: { coldMs: 80_000 } } }),
      replica: 0,
      clock: fake,
      ids: createSeededIds(),
    });
    const call = () =>
      engine.call({
        operation: 'completions',
        body: Buffer.from(JSON.stringify({ prompt: 'hi', stream: true })),
        stream: true,
        headers: {},
        signal: new AbortController().signal,
      });

    await fake.advance(7999);
    expect(engine.ready()).toBe(false);
    await expect(call()).rejects.toMatchObject({ code: 'upstream_unreachable' });
    await fake.advance(1);
    expect(engine.ready()).toBe(true);
    expect((await call()).status).toBe(200);
    await engine.close();
  });
});

describe('LoRA adapters of a server', () => {
  it('are listed under their base, asked for by name, loaded and unloaded', async () => {
    const { url } = await serve({}, { mechanisms: { lora: { maxLoras: 2, loadMs: 100, adapters: ['legal'] } } });
    const listed = async (): Promise<unknown> => ((await (await fetch(`${url}/v1/models`)).json()) as { data: unknown }).data;

    expect(await listed()).toMatchObject([{ id: 'sim' }, { id: 'legal', parent: 'sim' }]);
    expect((await post(`${url}/v1/load_lora_adapter`, { lora_name: 'poems', lora_path: '/x' })).status).toBe(200);
    expect(await (await post(`${url}/v1/completions`, { model: 'poems', prompt, max_tokens: 2 })).json()).toMatchObject({ model: 'poems' });
    expect(await text(`${url}/metrics`)).toMatch(/vllm:lora_requests_info\{[^}]*max_lora="2",running_lora_adapters="",waiting_lora_adapters=""\} \d/);
    const base = (await (await post(`${url}/v1/completions`, { model: 'sim', prompt, max_tokens: 2 })).json()) as { usage: unknown };
    expect(base.usage).toMatchObject({ prompt_tokens_details: { cached_tokens: 0 } });
    expect((await post(`${url}/v1/unload_lora_adapter`, { lora_name: 'legal' })).status).toBe(200);
    expect((await post(`${url}/v1/unload_lora_adapter`, { lora_name: 'legal' })).status).toBe(404);
    expect((await post(`${url}/v1/load_lora_adapter`, {})).status).toBe(400);
    expect(await listed()).toMatchObject([{ id: 'sim' }, { id: 'poems' }]);
  });

  it('are refused by an engine without slots', async () => {
    const { url } = await serve();

    expect((await post(`${url}/v1/load_lora_adapter`, { lora_name: 'poems' })).status).toBe(400);
  });
});

describe('speculative decoding of a server', () => {
  it('streams the same text in fewer parts, and counts drafts', async () => {
    const [plain, fast] = await Promise.all([serve(), serve({}, { mechanisms: { speculation: { tokens: 3, acceptance: 0.9 } } })]);
    const stream = async (url: string): Promise<{ parts: number; said: string }> => {
      const events = (await (await post(`${url}/v1/completions`, { prompt: 'tell', stream: true, max_tokens: 60 })).text())
        .split('\n\n')
        .filter((event) => event.startsWith('data: {'));
      return {
        parts: events.length,
        said: events.map((event) => (JSON.parse(event.slice(6)) as { choices: { text: string }[] }).choices[0]?.text ?? '').join(''),
      };
    };
    const [slowly, quickly] = await Promise.all([stream(plain.url), stream(fast.url)]);

    expect(quickly.said).toBe(slowly.said);
    expect(quickly.parts).toBeLessThan(slowly.parts / 1.5);
    expect(await text(`${fast.url}/metrics`)).toMatch(/vllm:spec_decode_num_accepted_tokens_per_pos_total\{[^}]*position="2"\} \d/);
    expect(await text(`${plain.url}/metrics`)).not.toContain('spec_decode');
  });
});
