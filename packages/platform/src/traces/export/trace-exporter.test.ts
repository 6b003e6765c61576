import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Span } from '@maru/api/records';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '#http';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, createSystemClock } from '#time';
import { toSpanPatch } from '../to-span-patch.ts';
import { createTraceExporter, type TraceExporter } from './trace-exporter.ts';

const NOW_MS = 1_795_252_293_469;
const SECRET = 'Basic cGs6c2VjcmV0';
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Received {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly spans: readonly { readonly name: string }[];
  readonly text: string;
}
type Answer = (response: ServerResponse, count: number) => void;

/** A collector over a real socket. */
async function startCollector(answer: Answer = (response) => void response.writeHead(200).end('{}')) {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const spans =
      text === '' ? [] : (JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] }).resourceSpans[0]?.scopeSpans[0]?.spans;
    received.push({ path: request.url ?? '', authorization: request.headers.authorization, spans: spans ?? [], text });
    answer(response, received.length);
  };
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces` };
}

function openExporter(url: string, more: { readonly content?: boolean; readonly privateHosts?: readonly string[] } = {}) {
  const clock = createFakeClock(NOW_MS);
  const fetch = createGuardedFetch({ clock: createSystemClock(), privateHosts: more.privateHosts ?? ['127.0.0.1'] });
  const target = { name: 'otlp', url, headers: { authorization: SECRET } };
  const exporter = createTraceExporter({ targets: [target], content: more.content ?? false, fetch }, { clock, ids: createSeededIds(1), log: silentLog });
  closers.push(
    () => fetch.close(),
    () => exporter.close(),
  );
  return { exporter, clock };
}

const spanOf = (index: number, fields: Partial<Span> = {}): Span => ({
  traceId: 'd0586148f4f80cfa4f7848d7b5b7f21c',
  spanId: index.toString(16).padStart(16, '1'),
  parentSpanId: null,
  name: `span ${index}`,
  kind: 'engine',
  startMs: NOW_MS,
  endMs: NOW_MS + 1,
  status: 'ok',
  tenant: 't',
  attributes: {},
  ...fields,
});
const offer = (exporter: TraceExporter, ...spans: readonly Span[]): void => exporter.offer(spans.map((span) => toSpanPatch(span, NOW_MS)));

/** Lets time pass until the state is reached. */
async function until(clock: ReturnType<typeof createFakeClock>, reached: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + 30_000;
  while (!reached()) {
    if (performance.now() > giveUpMs) throw new TypeError('the state was not reached');
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const countOf = (exporter: TraceExporter) => exporter.counts()[0] ?? { sent: -1, dropped: -1, waiting: -1 };

describe('the export of traces', () => {
  it('sends spans together, with the key of the target', async () => {
    const { received, url } = await startCollector();
    const { exporter, clock } = openExporter(url);

    offer(exporter, spanOf(1), spanOf(2));
    offer(exporter, spanOf(3));
    expect(countOf(exporter)).toMatchObject({ sent: 0, waiting: 3 });
    await until(clock, () => countOf(exporter).sent === 3);

    expect(received.map(({ path, authorization, spans }) => [path, authorization, spans.map(({ name }) => name)])).toEqual([
      ['/v1/traces', SECRET, ['span 1', 'span 2', 'span 3']],
    ]);
    expect(countOf(exporter)).toMatchObject({ dropped: 0, waiting: 0 });
  });

  it('sends no prompt and no answer unless it is asked to', async () => {
    const { received, url } = await startCollector();
    const { exporter, clock } = openExporter(url);
    const asking = openExporter(url, { content: true });
    const span = spanOf(1, { input: [{ role: 'user', content: 'canary-in' }], output: 'canary-out', attributes: { note: `canary-${'x'.repeat(300)}` } });

    offer(exporter, span);
    await until(clock, () => countOf(exporter).sent === 1);
    expect(received[0]?.text).not.toContain('canary');

    offer(asking.exporter, span);
    await until(asking.clock, () => countOf(asking.exporter).sent === 1);
    expect(received[1]?.text).toContain('canary-in');
    expect(received[1]?.text).toContain('canary-out');
  });

  it('tries again while the target is busy, and sends each span once', async () => {
    const { received, url } = await startCollector((response, count) => void response.writeHead(count < 4 ? 503 : 200).end());
    const { exporter, clock } = openExporter(url);

    offer(exporter, spanOf(1), spanOf(2));
    await until(clock, () => countOf(exporter).sent === 2);

    expect(received).toHaveLength(4);
    expect(countOf(exporter)).toMatchObject({ dropped: 0, waiting: 0 });
  });

  it('drops and counts what the target refuses, and what it has not taken after many tries', async () => {
    const refusing = await startCollector((response) => void response.writeHead(400).end());
    const first = openExporter(refusing.url);
    offer(first.exporter, spanOf(1));
    await until(first.clock, () => countOf(first.exporter).dropped === 1);
    expect(refusing.received).toHaveLength(1);

    const away = await startCollector((response) => void response.writeHead(503).end());
    const second = openExporter(away.url);
    offer(second.exporter, spanOf(1));
    await until(second.clock, () => countOf(second.exporter).dropped === 1);
    expect(away.received).toHaveLength(8);
    expect(countOf(second.exporter)).toMatchObject({ sent: 0, waiting: 0 });
  });

  it('counts what the target says it has rejected', async () => {
    const { url } = await startCollector((response) => void response.writeHead(200).end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'));
    const { exporter, clock } = openExporter(url);

    offer(exporter, spanOf(1), spanOf(2), spanOf(3));
    await until(clock, () => countOf(exporter).sent === 1);

    expect(countOf(exporter)).toMatchObject({ dropped: 2 });
  });

  it('keeps a bounded number of spans while the target is away, without a wait for the caller', async () => {
    const { url } = await startCollector((response) => void response.writeHead(503).end());
    const { exporter } = openExporter(url);

    for (let index = 0; index < 10_000; index += 1) offer(exporter, spanOf(index));

    const { waiting, dropped, sent } = countOf(exporter);
    expect(sent).toBe(0);
    expect(waiting).toBeLessThanOrEqual(8192 + 512);
    expect(waiting + dropped).toBe(10_000);
  });

  it('reaches no private network that was not named', async () => {
    const { received, url } = await startCollector();
    const { exporter, clock } = openExporter(url, { privateHosts: [] });

    offer(exporter, spanOf(1));
    await until(clock, () => countOf(exporter).dropped === 1);

    expect(received).toEqual([]);
  });

  it('follows no redirect', async () => {
    const elsewhere = await startCollector();
    const { url } = await startCollector((response) => void response.writeHead(302, { location: elsewhere.url }).end());
    const { exporter, clock } = openExporter(url);

    offer(exporter, spanOf(1));
    await until(clock, () => countOf(exporter).dropped === 1);

    expect(elsewhere.received.flatMap(({ spans }) => spans)).toEqual([]);
    expect(countOf(exporter).sent).toBe(0);
  });

  it('counts spans that OTLP can not hold', () => {
    const { exporter } = openExporter('http://127.0.0.1:1/v1/traces');

    offer(exporter, spanOf(1, { traceId: 'foreign' }));

    expect(countOf(exporter)).toMatchObject({ dropped: 1, waiting: 0 });
  });

  it('sends what waits when it is closed, and gives up on a target that is away', async () => {
    const { url, received } = await startCollector();
    const { exporter } = openExporter(url);
    offer(exporter, spanOf(1));
    await exporter.close();
    expect(received).toHaveLength(1);

    const away = openExporter('http://127.0.0.1:1/v1/traces');
    offer(away.exporter, spanOf(1));
    await away.exporter.close();
    expect(countOf(away.exporter)).toMatchObject({ sent: 0, dropped: 1, waiting: 0 });
  });
});
