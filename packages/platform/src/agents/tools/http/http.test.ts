import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { GuardedReply, GuardedRequest } from '../../ports.ts';
import type { ToolContext, ToolSpec } from '../tool.ts';
import { createHttpTool } from './http-tool.ts';
import { readableText } from './readable-text.ts';

const context = { signal: new AbortController().signal, traceparent: 'tp', runId: 'run_1', callId: 'call_1' } as ToolContext;
const spec = (extra: Partial<ToolSpec<'http'>> = {}): ToolSpec<'http'> => ({ type: 'http', name: 'fetch-url', method: 'GET', allowHosts: [], ...extra });
const reply = (body: string, extra: Partial<GuardedReply> = {}): GuardedReply => ({
  status: 200,
  url: 'https://example.com/',
  contentType: 'text/plain; charset=utf-8',
  body: Buffer.from(body),
  truncated: false,
  ...extra,
});

function open(extra: Partial<ToolSpec<'http'>>, answer: GuardedReply | PlatformError = reply('hello')) {
  const requests: GuardedRequest[] = [];
  const tool = createHttpTool(spec(extra), {
    fetch: (request) => {
      requests.push(request);
      return answer instanceof PlatformError ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { tool, requests };
}

describe('the HTTP tool', () => {
  it('fetches the address that the model names, within the hosts of the resource', async () => {
    const { tool, requests } = open({ allowHosts: ['example.com'] });

    const result = await tool.call({ url: 'https://example.com/a' }, context);

    expect(JSON.parse(result.content)).toEqual({ url: 'https://example.com/', status: 200, text: 'hello' });
    expect(requests[0]).toMatchObject({ url: 'https://example.com/a', method: 'GET', allowHosts: ['example.com'], maxBytes: 5_000_000, timeoutMs: 20_000 });
    expect(requests[0]?.headers['traceparent']).toBe('tp');
    expect(tool.description).toContain('on example.com');
  });

  it('asks for no address when the resource fixes it, and reaches only its host', async () => {
    const { tool, requests } = open({ url: 'https://status.example.com/api' });

    await tool.call({}, context);

    expect(Object.keys((tool.parameters as { properties: object }).properties)).toEqual([]);
    expect(requests[0]).toMatchObject({ url: 'https://status.example.com/api', allowHosts: ['status.example.com'] });
  });

  it('sends a body with a key that is the same on every attempt', async () => {
    const { tool, requests } = open({ method: 'POST', url: 'https://example.com/hook' });

    await tool.call({ body: '{"a":1}' }, context);

    expect(requests[0]).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json', 'idempotency-key': 'run_1.call_1' } });
    expect(tool.idempotent).toBe(false);
    expect(open({}).tool.idempotent).toBe(true);
  });

  it('marks an error status, and shows its text', async () => {
    const { tool } = open({}, reply('no such page', { status: 404 }));

    expect(await tool.call({ url: 'https://example.com/x' }, context)).toEqual({
      content: '{"url":"https://example.com/","status":404,"text":"no such page"}',
      isError: true,
    });
  });

  it('cuts long text and says so', async () => {
    const { tool } = open({}, reply('x'.repeat(30_000)));

    const parsed = JSON.parse((await tool.call({ url: 'https://example.com/' }, context)).content) as { text: string; cut: boolean };

    expect(parsed.text).toHaveLength(20_000);
    expect(parsed.cut).toBe(true);
  });

  it('hands a blocked address on as what it is', async () => {
    const { tool } = open({}, new PlatformError('address_blocked', { message: '169.254.169.254 is not public' }));

    await expect(tool.call({ url: 'http://169.254.169.254/' }, context)).rejects.toMatchObject({ code: 'address_blocked' });
  });

  it('refuses addresses that are not of the web by its schema', () => {
    expect(JSON.stringify(open({}).tool.parameters)).toContain('url');
  });
});

describe('readableText', () => {
  const html = (body: string): Parameters<typeof readableText>[0] => ({ url: 'https://example.com/', contentType: 'text/html', body: Buffer.from(body) });

  it('gives the article of a page without its menus and scripts', async () => {
    const article = 'The gateway admits a request when the budget of its tenant is not spent. '.repeat(10);
    const page = html(
      `<html><head><title>Budgets</title><script>alert(1)</script></head><body><nav>Home About</nav><article><h1>Budgets</h1><p>${article}</p></article></body></html>`,
    );

    const { title, text } = await readableText(page);

    expect(title).toBe('Budgets');
    expect(text).toContain('The gateway admits a request');
    expect(text).not.toContain('alert');
  });

  it('gives all text of a short page', async () => {
    const { text, title } = await readableText(html('<title>T</title><body><p>One</p> <p>Two</p><style>p{}</style></body>'));

    expect(text).toBe('One Two');
    expect(title).toBe('T');
  });

  it('survives broken HTML', async () => {
    expect((await readableText(html('<div><p>open <b>bold<table><tr>x'))).text).toContain('open');
    expect((await readableText(html(''))).text).toBe('');
  });

  it('leaves text and JSON as they are', async () => {
    const text = { url: 'u', contentType: 'application/json', body: Buffer.from('{"a": [1]}') };

    expect((await readableText(text)).text).toBe('{"a": [1]}');
    expect((await readableText({ ...text, contentType: 'application/ld+json' })).text).toBe('{"a": [1]}');
  });

  it('reads the character set that the server names, and UTF-8 when it is unknown', async () => {
    const korean = Buffer.from([0xb0, 0xa1]);

    expect((await readableText({ url: 'u', contentType: 'text/plain; charset=euc-kr', body: korean })).text).toBe('가');
    expect((await readableText({ url: 'u', contentType: 'text/plain; charset=klingon', body: Buffer.from('가') })).text).toBe('가');
  });

  it('refuses binary data', async () => {
    await expect(readableText({ url: 'https://example.com/a.png', contentType: 'image/png', body: new Uint8Array(8) })).rejects.toMatchObject({
      code: 'not_supported',
      message: 'https://example.com/a.png is of the type "image/png", which is not text',
    });
  });
});
