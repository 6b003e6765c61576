import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { readCredentials } from './read-credentials.ts';
import { readPayee, readRequestId, withoutCredentials } from './read-headers.ts';

const refusal = (headers: Record<string, string>): unknown => {
  try {
    return readCredentials(headers);
  } catch (error) {
    return error;
  }
};

describe('readCredentials', () => {
  it.each([
    [{ authorization: 'Bearer sk-1' }, 'sk-1'],
    [{ authorization: 'bearer   sk-1  ' }, 'sk-1'],
    [{ 'x-api-key': 'sk-2' }, 'sk-2'],
    [{ authorization: 'Basic abc', 'x-api-key': 'sk-2' }, 'sk-2'],
    [{ authorization: 'Bearer sk-1', 'x-api-key': 'sk-2' }, 'sk-1'],
  ])('finds the key in %j', (headers, key) => {
    expect(readCredentials(headers)).toBe(key);
  });

  it.each([
    {},
    { authorization: '' },
    { authorization: 'Bearer ' },
    { authorization: 'Bearer' },
    { 'x-api-key': '  ' },
    { authorization: `Bearer ${'x'.repeat(9000)}` },
  ])('finds none in %j', (headers) => {
    expect(isPlatformError(refusal(headers), 'unauthenticated')).toBe(true);
  });

  it('does not repeat what was sent', () => {
    expect(String(refusal({ authorization: `Bearer sk-${'s'.repeat(9000)}` }))).not.toContain('sss');
  });
});

describe('headers of a request', () => {
  it('lose their credentials before others see them', () => {
    const headers = { authorization: 'a', 'x-api-key': 'b', cookie: 'c', 'proxy-authorization': 'd', accept: 'json', 'x-many': ['1', '2'] };

    expect(withoutCredentials(headers as never)).toEqual({ accept: 'json', 'x-many': '1, 2' });
  });

  it.each([
    ['req-1', 'req-1'],
    ['a.b:c_D-9', 'a.b:c_D-9'],
    ['', undefined],
    ['has space', undefined],
    ['line\nbreak', undefined],
    ['x'.repeat(129), undefined],
  ])('give the request id %j the form %j', (sent, read) => {
    expect(readRequestId({ 'x-request-id': sent })).toBe(read);
  });

  it('name the session', () => {
    expect(readPayee({ 'x-maru-session': 's1', 'x-session-id': 's2' })).toEqual({ session: 's1' });
    expect(readPayee({ 'x-session-id': 's2' })).toEqual({ session: 's2' });
    expect(readPayee({ 'x-maru-session': '' })).toEqual({});
    expect(readPayee({ 'x-maru-session': 'x'.repeat(1000) }).session).toHaveLength(256);
  });
});
