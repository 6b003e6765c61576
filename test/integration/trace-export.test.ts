import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';

// One platform exports to another one, which takes OTLP and does as Langfuse does.
const folder = mkdtempSync(join(tmpdir(), 'maru-trace-export-'));
let taker: PlatformProcess;
let platform: PlatformProcess;

beforeAll(async () => {
  const file = join(folder, 'stack.yaml');
  writeFileSync(
    file,
    `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, replicas: 1}
  capabilities: [chat]
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 2}
`,
  );
  taker = await startPlatformProcess({ dataDir: join(folder, 'taker') });
  platform = await startPlatformProcess({
    dataDir: join(folder, 'platform'),
    files: [file],
    environment: {
      MARU_CAPTURE_CONTENT: 'true',
      MARU_OTLP_URL: taker.url,
      MARU_OTLP_HEADERS: `authorization=Bearer ${taker.key}`,
      MARU_LANGFUSE_URL: taker.url,
      MARU_LANGFUSE_PUBLIC_KEY: 'any',
      MARU_LANGFUSE_SECRET_KEY: taker.key,
    },
  });
}, 60_000);

afterAll(async () => {
  await platform.stop('SIGTERM');
  await taker.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (of: PlatformProcess, path: string, body?: object): Promise<Response> =>
  fetch(of.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${of.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new TypeError('the state was not reached');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
interface TraceSpans {
  readonly spans: readonly {
    readonly spanId: string;
    readonly parentSpanId: string | null;
    readonly kind: string;
    readonly usage?: object;
    readonly costNanoUsd?: number;
  }[];
}
const spansOf = async (of: PlatformProcess, traceId: string): Promise<TraceSpans['spans'] | undefined> => {
  const reply = await ask(of, `/api/v1/traces/${traceId}`);
  return reply.status === 200 ? ((await reply.json()) as TraceSpans).spans : undefined;
};
const engineOf = (spans: TraceSpans['spans']) => spans.find(({ usage }) => usage !== undefined);

describe('traces that are exported to a second platform', () => {
  it('arrive over OTLP and as at Langfuse with their tokens and money, without prompts, and are counted', async () => {
    const messages = [{ role: 'user', content: 'a canary sings' }];
    const reply = await ask(platform, '/v1/chat/completions', { model: 'sim', max_tokens: 20, messages });
    expect(reply.status).toBe(200);
    await reply.text();
    const { items } = await until(async () => {
      const page = (await (await ask(platform, '/api/v1/traces')).json()) as { items: { traceId: string }[] };
      return page.items.length > 0 ? page : undefined;
    });
    const traceId = items[0]?.traceId ?? '';
    const own = (await spansOf(platform, traceId)) ?? [];

    const arrived = await until(async () => {
      const spans = await spansOf(taker, traceId);
      return spans?.length === own.length ? spans : undefined;
    });

    expect(JSON.stringify(own)).toContain('canary');
    expect(JSON.stringify(arrived)).not.toContain('canary');
    expect(arrived.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]).sort()).toEqual(
      own.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]).sort(),
    );
    expect(engineOf(own)?.usage).toBeDefined();
    expect(engineOf(arrived)).toMatchObject({ usage: engineOf(own)?.usage, costNanoUsd: engineOf(own)?.costNanoUsd });
    await until(async () => {
      const metrics = await (await ask(platform, '/metrics')).text();
      return ['otlp', 'langfuse'].every((target) => metrics.includes(`maru_export_spans_total{target="${target}"} ${own.length}`)) ? true : undefined;
    });
  }, 120_000);
});
