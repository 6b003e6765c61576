import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, createSystemClock } from '#time';
import { answerJson, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, TEST_KEY, type TestGateway } from '../__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** On its thread everything takes long: each look at the clock finds it ten milliseconds later. */
function slowClock(): Clock {
  const clock = createSystemClock();
  let nowMs = 0;
  return { ...clock, monotonicMs: () => (nowMs += 10) };
}

async function start(): Promise<TestGateway> {
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
  const message = { role: 'assistant', content: 'Hello' };
  const upstream = await startFakeUpstream((_request, response) =>
    answerJson(response, { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }),
  );
  const engine = engineAt(upstream.url, 'm');
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], clock: slowClock() });
  closers.push(
    () => gateway.close(),
    () => engine.close(),
    () => upstream.close(),
  );
  return gateway;
}

const BODY = JSON.stringify({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] });

/** Sends requests that all lie on the socket when it is read, and returns the answers as text. */
function sendTogether(url: string, count: number, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const head = `POST ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TEST_KEY}\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write(`${`${head}\r\n${BODY}`.repeat(count - 1)}${head}connection: close\r\n\r\n${BODY}`);
  });
}

const countOf = (text: string, status: number): number => text.split(`HTTP/1.1 ${status} `).length - 1;

describe('a gateway that can not keep up', () => {
  it('answers each request, or refuses it before anything is made for it', async () => {
    const { url, log, gateway } = await start();

    const text = await sendTogether(url, 250, '/v1/chat/completions');

    expect(countOf(text, 200) + countOf(text, 503)).toBe(250);
    expect(countOf(text, 503)).toBeGreaterThan(10);
    expect(countOf(text, 200)).toBeGreaterThanOrEqual(64);
    expect(text.match(/\r\nretry-after: 1\r\n/gi)).toHaveLength(countOf(text, 503));
    expect(text.match(/\r\nx-request-id: /gi)).toHaveLength(countOf(text, 200));
    expect(log.settled).toHaveLength(countOf(text, 200));
    expect(log.released).toBe(0);
    expect(gateway.active()).toBe(0);
  });

  it('still says which models there are', async () => {
    const { url } = await start();
    const calls = sendTogether(url, 250, '/v1/chat/completions');

    const list = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${TEST_KEY}` } });

    expect(list.status).toBe(200);
    expect(countOf(await calls, 503)).toBeGreaterThan(0);
  });
});
