import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { BEHAVIOURS, type Behaviour, createScriptedEngine } from './__fixtures__/scripted-engine.ts';
import { attemptOf, createTestPorts, type PortLog } from './__fixtures__/test-gateway.ts';
import { createGateway } from './gateway.ts';

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly endpoint: string | undefined;
  readonly log: PortLog;
  readonly timers: number;
}

/** One request through a gateway whose plan tries these engines; `leaveAfter` chunks the caller goes away. */
async function run(script: readonly Behaviour[], stream: boolean, leaveAfter: number): Promise<Outcome> {
  const clock = createFakeClock();
  const { ports, log } = createTestPorts({
    attempts: () => script.map((behaviour, index) => attemptOf(createScriptedEngine(`e${index}`, behaviour), { timeoutMs: 1000 })),
    deadlineMs: 60_000,
  });
  const gateway = createGateway(ports, { clock, ids: createSeededIds(3), log: silentLog });
  const request = { model: 'auto', messages: [{ role: 'user', content: 'Hi' }], stream };
  const replying = gateway.invoke({
    operation: 'chat',
    body: Buffer.from(JSON.stringify(request)),
    principal: { tenant: 't', keyId: 'k' },
    signal: new AbortController().signal,
  });
  let replied = false;
  void replying.finally(() => {
    replied = true;
  });
  while (!replied) await clock.advance(500);
  const reply = await replying;
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body) {
    chunks.push(chunk);
    if (chunks.length >= leaveAfter) break;
  }
  while (gateway.active() > 0) await clock.advance(500);
  return { status: reply.status, text: Buffer.concat(chunks).toString(), endpoint: reply.headers['x-maru-endpoint'], log, timers: clock.pending() };
}

const scripts = fc.array(fc.constantFrom(...BEHAVIOURS), { maxLength: 4 });

describe('a request', () => {
  it('is charged once or given back once, whatever its engines do and whenever its caller leaves', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), fc.constantFrom(1, 2, 99), async (script, stream, leaveAfter) => {
        const { log, timers } = await run(script, stream, leaveAfter);

        expect(log.admitted).toHaveLength(1);
        expect(log.settled.length + log.released).toBe(1);
        expect(timers).toBe(0);
        expect(log.outcomes).toHaveLength(log.spans.filter((span) => span.kind === 'engine').length);
        expect(log.spans.filter((span) => span.kind === 'gateway')).toHaveLength(1);
        expect(new Set(log.spans.map((span) => span.spanId)).size).toBe(log.spans.length);
      }),
      { numRuns: 400 },
    );
  });

  it('that looks complete has been charged for the engine that it names', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (script, stream) => {
        const { status, text, endpoint, log } = await run(script, stream, 99);
        const complete = stream ? text.endsWith('data: [DONE]\n\n') : status === 200;

        expect(log.settled.some((facts) => facts.outcome === 'ok')).toBe(complete);
        if (!complete) return;
        expect(log.settled[0]).toMatchObject({ endpoint, usage: expect.objectContaining({ cacheReadTokens: 0 }) });
        expect(text).toContain(`"${endpoint}"`);
      }),
      { numRuns: 400 },
    );
  });

  it('never mixes two engines in one answer', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (script, stream) => {
        const { text } = await run(script, stream, 99);

        expect(new Set(text.match(/"e\d"/g)).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('is answered by the first engine that can, and by none after a refusal of the request itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('unreachable', 'status-500', 'garbage', 'cut-before', 'deaf', 'error-event'), { maxLength: 3 }),
        fc.boolean(),
        async (broken, stream) => {
          const answered = await run([...(broken as Behaviour[]), 'ok', 'ok'], stream, 99);
          const refused = await run([...(broken as Behaviour[]), 'status-400', 'ok'], stream, 99);

          expect(answered.endpoint).toBe(`e${broken.length}`);
          expect(refused.status).toBe(400);
          expect(refused.log.released).toBe(1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('carries an estimate where the engine is silent about usage', async () => {
    const plain = await run(['no-usage'], false, 99);
    const streamed = await run(['no-usage'], true, 99);

    for (const { log } of [plain, streamed]) {
      expect(log.settled).toMatchObject([{ estimated: true, outcome: 'ok' }]);
      expect(log.settled[0]?.usage.outputTokens).toBeGreaterThan(0);
      expect(log.settled[0]?.usage.inputTokens).toBeGreaterThan(0);
    }
  });
});
