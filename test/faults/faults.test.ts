import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './apis.ts';
import { type Answer, type Case, caseOf, casesOf, LIMITS, type Mode, type Stack, startStack } from './stack.ts';
import { type Play, sendEvents, sendJson } from './upstream.ts';

const good =
  (api: Api, mode: Mode, text = 'Hello'): Play =>
  async (_turn, response) => {
    if (mode === 'plain') return sendJson(response, 200, api.whole(text));
    await sendEvents(response, [...api.head, api.token(text), ...api.tail]);
    response.end();
  };
const status =
  (api: Api, code: number, headers: Record<string, string> = {}, error: readonly [string, string] = ['failed', 'the upstream failed']): Play =>
  (_turn, response) =>
    sendJson(response, code, api.refusal(code, ...error), headers);
/** The first requests of the first play, then the second one. */
const then =
  (first: Play, count: number, second: Play): Play =>
  (turn, response, body) =>
    turn < count ? first(turn, response, body) : second(turn - count, response, body);
const reset: Play = (_turn, response) => void response.socket?.destroy();
const silent: Play = () => undefined;
const half = (api: Api): string => JSON.stringify(api.whole('Hello')).slice(0, -30);
/** A stream that has said something, or half a body; then `end`. */
const partOf =
  (api: Api, mode: Mode, end: (response: ServerResponse) => void): Play =>
  async (_turn, response) => {
    if (mode === 'plain') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(half(api));
    } else await sendEvents(response, [...api.head, api.token('Hel'), api.token('lo')]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    end(response);
  };

interface Fault {
  readonly id: string;
  readonly title: string;
  readonly check: (stack: Stack, of: Case) => Promise<void>;
}

const charged = async (stack: Stack, of: Case, side: 'a' | 'b', more: object = {}): Promise<void> => {
  const rows = await stack.charges(of, 1);
  expect(rows, 'charged once').toMatchObject([{ model: `${of.name}-${side}`, ...more }]);
};
const answered = (of: Case, answer: Answer, by: 'a' | 'b'): void => {
  expect(answer).toMatchObject({ status: 200, by, broken: false });
  if (of.mode === 'plain') expect(of.api.textOf(JSON.parse(answer.text))).toBe('Hello');
  else {
    expect(of.api.looksComplete(answer.text), 'complete').toBe(true);
    expect(of.api.tellsError(answer.text), 'no error').toBe(false);
    expect(of.api.streamedText(answer.text), 'said once').toBe('Hello');
  }
};
/** A stream that broke off after its first token: told as an error, never complete, and not begun anew. */
const toldBroken = (of: Case, answer: Answer): void => {
  expect(answer).toMatchObject({ status: 200, by: 'a' });
  expect(answer.text).toContain('Hel');
  expect(of.api.tellsError(answer.text), answer.text).toBe(true);
  expect(of.api.looksComplete(answer.text), 'never complete').toBe(false);
};

/** A stream that broke off after "Hello" and that the fallback has continued: one answer, said once, and each side paid for its own. */
const continued = async (stack: Stack, of: Case, answer: Answer): Promise<void> => {
  expect(answer, answer.text).toMatchObject({ status: 200, by: 'a', broken: false });
  expect(of.api.looksComplete(answer.text), 'complete').toBe(true);
  expect(of.api.tellsError(answer.text), 'no error').toBe(false);
  expect(of.api.streamedText(answer.text)).toBe('Hello, you');
  expect(answer.text).toContain(`: continued by ${of.name}-b`);
  expect(stack.seen(of, 'b').map(({ body }) => body.includes('"role":"assistant"') && body.includes('Hello'))).toEqual([true]);
  const rows = await stack.charges(of, 2);
  expect(rows.map((row) => [row.model.slice(-1), row.outcome]).sort()).toEqual([
    ['a', 'error'],
    ['b', 'ok'],
  ]);
  expect(rows.find((row) => row.model.endsWith('-b'))).toMatchObject({ usage: { inputTokens: 5, outputTokens: 2 } });
};
/** What a fallback says that goes on after "Hello". */
const rest = (api: Api): Play => good(api, 'stream', ', you');

/** A fault before anything was shown: `by` answers, and is charged alone. */
const answeredBy =
  (play: (api: Api, mode: Mode) => Play, by: 'a' | 'b', also?: (answer: Answer, stack: Stack, of: Case) => void) =>
  async (stack: Stack, of: Case): Promise<void> => {
    stack.upstreams.play(of.name, 'a', play(of.api, of.mode));
    stack.upstreams.play(of.name, 'b', good(of.api, of.mode));
    const answer = await stack.ask(of);
    answered(of, answer, by);
    await charged(stack, of, by, { outcome: 'ok', usage: { inputTokens: 5, outputTokens: 2 } });
    also?.(answer, stack, of);
  };
/** A fault in the middle: a plain request is answered by the fallback, a stream is told. */
const brokenInTheMiddle =
  (end: (response: ServerResponse) => void, also?: (answer: Answer) => void) =>
  async (stack: Stack, of: Case): Promise<void> => {
    stack.upstreams.play(of.name, 'a', partOf(of.api, of.mode, end));
    stack.upstreams.play(of.name, 'b', of.continues ? rest(of.api) : good(of.api, of.mode));
    const answer = await stack.ask(of);
    if (of.continues) await continued(stack, of, answer);
    else if (of.mode === 'plain') {
      answered(of, answer, 'b');
      await charged(stack, of, 'b', { outcome: 'ok' });
    } else {
      toldBroken(of, answer);
      expect(stack.seen(of, 'b'), 'nobody goes on').toEqual([]);
      await charged(stack, of, 'a', { outcome: 'error' });
    }
    also?.(answer);
  };

const FAULTS: readonly Fault[] = [
  {
    id: 'f01',
    title: '429 with Retry-After: waited for, then answered',
    check: answeredBy(
      (api, mode) => then(status(api, 429, { 'retry-after': '1' }), 1, good(api, mode)),
      'a',
      (answer, stack, of) => {
        expect(answer.tookMs).toBeGreaterThan(900);
        expect(stack.seen(of, 'a')).toHaveLength(2);
      },
    ),
  },
  {
    id: 'f02',
    title: 'persistent 429: the fallback',
    check: answeredBy(
      (api) => status(api, 429, { 'retry-after': '60' }),
      'b',
      (answer) => expect(answer.tookMs).toBeLessThan(LIMITS.boundMs),
    ),
  },
  { id: 'f03', title: 'a single 500: a retry', check: answeredBy((api, mode) => then(status(api, 500), 1, good(api, mode)), 'a') },
  { id: 'f04', title: 'persistent 503: the fallback', check: answeredBy((api) => status(api, 503), 'b') },
  { id: 'f05', title: 'reset before headers: the fallback', check: answeredBy(() => reset, 'b') },
  {
    id: 'f06',
    title: 'no answer at all: the fallback, in bounded time',
    check: answeredBy(
      () => silent,
      'b',
      (answer) => expect(answer.tookMs).toBeLessThan(LIMITS.boundMs),
    ),
  },
  {
    id: 'f07',
    title: 'slow first token: the fallback, in bounded time',
    check: answeredBy(
      (api, mode) => async (turn, response, body) => {
        if (mode === 'stream') await sendEvents(response, api.head);
        await new Promise((resolve) => setTimeout(resolve, 4000));
        if (!response.destroyed) await good(api, mode)(turn, response, body);
      },
      'b',
      (answer) => expect(answer.tookMs).toBeLessThan(LIMITS.boundMs),
    ),
  },
  { id: 'f08', title: 'cut: told, never complete', check: brokenInTheMiddle((response) => response.socket?.destroy()) },
  {
    id: 'f09',
    title: 'stall with an open connection: told in time',
    check: brokenInTheMiddle(
      () => undefined,
      (answer) => expect(answer.tookMs).toBeLessThan(LIMITS.boundMs),
    ),
  },
  {
    id: 'f10',
    title: 'malformed chunk: told, not passed on',
    check: async (stack, of) => {
      const { api, mode } = of;
      stack.upstreams.play(of.name, 'a', async (_turn, response) => {
        if (mode === 'plain') return void response.writeHead(200, { 'content-type': 'application/json' }).end('<html></html>');
        const named = api.name === 'chat' ? '' : `${api.token('x').split('\n', 1)[0]}\n`;
        await sendEvents(response, [...api.head, api.token('Hel'), api.token('lo'), `${named}data: {"BROKEN\n\n`, ...api.tail]);
        response.end();
      });
      stack.upstreams.play(of.name, 'b', of.continues ? rest(api) : good(api, mode));
      const answer = await stack.ask(of);
      expect(answer.text).not.toContain('BROKEN');
      if (of.continues) return continued(stack, of, answer);
      if (mode === 'plain') answered(of, answer, 'b');
      else toldBroken(of, answer);
      await charged(stack, of, mode === 'plain' ? 'b' : 'a');
    },
  },
  { id: 'f11', title: 'an end that is none: told, never complete', check: brokenInTheMiddle((response) => response.end()) },
  {
    id: 'f12',
    title: 'context length 400: the larger model',
    check: answeredBy(
      (api) => status(api, 400, {}, ['context_length_exceeded', "prompt is too long: this model's maximum context length is 10 tokens"]),
      'b',
      (_answer, stack, of) => expect(stack.seen(of, 'a'), 'not retried').toHaveLength(1),
    ),
  },
  {
    id: 'f13',
    title: 'content filter 400: its fallback',
    check: answeredBy(
      (api) => status(api, 400, {}, ['content_filter', 'blocked by our content filter']),
      'b',
      (_answer, stack, of) => expect(stack.seen(of, 'a'), 'not retried').toHaveLength(1),
    ),
  },
  {
    id: 'f14',
    title: 'cut, with a fallback that rejects prefill: the real error, no prefill',
    check: async (stack, of) => {
      const { api, mode } = of;
      stack.upstreams.play(
        of.name,
        'a',
        partOf(api, mode, (response) => response.socket?.destroy()),
      );
      stack.upstreams.play(of.name, 'b', (turn, response, body) =>
        body.includes('"assistant"')
          ? status(api, 400, {}, ['invalid', 'assistant prefill is not supported'])(turn, response, body)
          : good(api, mode)(turn, response, body),
      );
      const answer = await stack.ask(of);
      if (mode === 'plain') answered(of, answer, 'b');
      else {
        toldBroken(of, answer);
        expect(answer.text).not.toContain('prefill');
      }
      // Only a model that is said to take it is given the beginning, and once.
      expect(stack.seen(of, 'b').filter(({ body }) => body.includes('"assistant"'))).toHaveLength(of.continues ? 1 : 0);
      await charged(stack, of, mode === 'plain' ? 'b' : 'a');
    },
  },
  {
    id: 'f15',
    title: 'the primary flaps and comes back: returned to',
    check: async (stack, of) => {
      const { api, mode } = of;
      stack.upstreams.play(of.name, 'a', then(status(api, 503), 2, good(api, mode)));
      stack.upstreams.play(of.name, 'b', good(api, mode));
      answered(of, await stack.ask(of), 'b');
      answered(of, await stack.ask(of), 'b');
      expect(stack.seen(of, 'a'), 'left alone while it rests').toHaveLength(2);
      await new Promise((resolve) => setTimeout(resolve, LIMITS.restMs + 100));
      answered(of, await stack.ask(of), 'a');
      expect((await stack.charges(of, 3)).map((row) => row.model.slice(-1)).sort()).toEqual(['a', 'b', 'b']);
    },
  },
  {
    id: 'f16',
    title: 'the fallback answers: billed once',
    check: async (stack, of) => {
      const { api, mode } = of;
      // The primary has used its tokens before it failed; they are not the client's.
      stack.upstreams.play(of.name, 'a', async (_turn, response) => {
        if (mode === 'stream') await sendEvents(response, api.head);
        response.socket?.destroy();
      });
      stack.upstreams.play(of.name, 'b', good(api, mode));
      answered(of, await stack.ask(of), 'b');
      await charged(stack, of, 'b', { outcome: 'ok', usage: { inputTokens: 5, outputTokens: 2 } });
    },
  },
];

const CANCEL: Fault = {
  id: 'cancel',
  title: 'the client goes: upstream cancelled in under 100 ms, charged once',
  check: async (stack, of) => {
    let arrived = (): void => undefined;
    const under = new Promise<void>((resolve) => (arrived = resolve));
    stack.upstreams.play(of.name, 'a', async (_turn, response) => {
      if (of.mode === 'stream') await sendEvents(response, [...of.api.head, of.api.token('Hel'), of.api.token('lo')]);
      arrived();
    });
    const controller = new AbortController();
    const asked = stack.ask(of, { signal: controller.signal }).catch(() => undefined);
    await under;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const leftMs = performance.now();
    controller.abort();
    await asked;
    const entry = stack.seen(of, 'a')[0];
    while (entry?.goneMs === undefined && performance.now() - leftMs < 2000) await new Promise((resolve) => setTimeout(resolve, 2));

    expect((entry?.goneMs ?? Number.POSITIVE_INFINITY) - leftMs).toBeLessThan(100);
    if (of.mode === 'stream') await charged(stack, of, 'a', { outcome: 'cancelled' });
    else expect(await stack.charges(of, 0)).toEqual([]);
  },
};
const ALL = [CANCEL, ...FAULTS];

let stack: Stack;
const passed = new Set<string>();

beforeAll(async () => {
  stack = await startStack(ALL.map((fault) => fault.id));
});

afterAll(async () => {
  await stack.close();
  const columns = casesOf('').map(({ api, mode, continues }) => ({
    label: `${api.name} ${continues ? 'continued' : mode}`,
    of: (fault: string) => caseOf(fault, api, mode, continues).name,
  }));
  const widest = Math.max(...ALL.map((fault) => fault.title.length));
  const lines = ALL.map(
    ({ id, title }) => `${title.padEnd(widest)}  ${columns.map(({ label, of }) => (passed.has(of(id)) ? 'ok' : 'FAILED').padEnd(label.length)).join('  ')}`,
  );
  process.stdout.write(
    `\n${''.padEnd(widest)}  ${columns.map(({ label }) => label).join('  ')}\n${lines.join('\n')}\n${passed.size} of ${ALL.length * columns.length} pass\n`,
  );
});

// Not beside others: these measure time.
const TIMED = ['cancel', 'f15'];
describe.each(ALL.filter((fault) => TIMED.includes(fault.id)).map((fault) => [fault.title, fault] as const))('%s', (_title, fault) => {
  each(fault);
});

describe.concurrent.each(ALL.filter((fault) => !TIMED.includes(fault.id)).map((fault) => [fault.title, fault] as const))('%s', (_title, fault) => {
  each(fault);
});

function each(fault: Fault): void {
  for (const of of casesOf(fault.id)) {
    it(`${of.api.name}, ${of.mode}${of.continues ? ', continuation on' : ''}`, async () => {
      await fault.check(stack, of);
      passed.add(of.name);
    });
  }
}
