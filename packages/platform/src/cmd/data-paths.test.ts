import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isDataPath, isWorkersRequest } from './data-paths.ts';

const requestWith = (headers: Record<string, string>, method = 'POST'): IncomingMessage => ({ headers, method }) as unknown as IncomingMessage;
const keyed = requestWith({ authorization: 'Bearer sk-x' });

describe('the paths of the data plane', () => {
  it.each([
    ['/v1/chat/completions', 'POST', true],
    ['/v1beta/models/m:generateContent', 'POST', true],
    ['/v1/models', 'GET', true],
    ['/chat/completions', 'POST', true],
    ['/rerank', 'POST', true],
    ['/v1/traces', 'POST', false],
    ['/v1/model/info', 'GET', false],
    ['/v2/user/info', 'GET', false],
    ['/chat/completions', 'GET', false],
    ['/models', 'GET', false],
    ['/api/v1/overview', 'GET', false],
    ['/', 'GET', false],
  ])('%s by %s: %s', (path, method, expected) => {
    expect(isDataPath(path, method)).toBe(expected);
  });

  it('are answered by workers, but for files and batches', () => {
    expect(isWorkersRequest(keyed, '/v1/chat/completions', [])).toBe(true);
    expect(isWorkersRequest(keyed, '/v1/responses/resp_1', [])).toBe(true);
    for (const path of ['/v1/files', '/v1/files/f_1/content', '/v1/batches', '/v1/batches/b_1', '/api/v1/keys', '/metrics'])
      expect(isWorkersRequest(keyed, path, [])).toBe(false);
    expect(isWorkersRequest(keyed, '/v1/filesystem', [])).toBe(true);
  });

  it('stay with the main process where it has claimed them, with what lies below', () => {
    expect(isWorkersRequest(keyed, '/v1/rerank', ['/v1/rerank'])).toBe(false);
    expect(isWorkersRequest(keyed, '/v1/rerank/more', ['/v1/rerank'])).toBe(false);
    expect(isWorkersRequest(keyed, '/v1/reranking', ['/v1/rerank'])).toBe(true);
  });

  it('stay with the main process for people at the console, whom it alone knows; a key wins over a session', () => {
    const session = { cookie: 'maru_session=abc', 'x-maru-console': '1' };
    expect(isWorkersRequest(requestWith(session), '/v1/chat/completions', [])).toBe(false);
    expect(isWorkersRequest(requestWith({ ...session, 'x-api-key': 'sk-x' }), '/v1/messages', [])).toBe(true);
    expect(isWorkersRequest(requestWith({ cookie: 'maru_session=abc' }), '/v1/chat/completions', [])).toBe(true);
  });
});
