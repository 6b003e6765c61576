import { describe, expect, it } from 'vitest';
import { type SignedRequest, signV4 } from './sign-v4.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const scope = { keys, region: 'us-east-1', service: 'service', nowMs: Date.UTC(2015, 7, 30, 12, 36, 0) };
const get: SignedRequest = { method: 'GET', host: 'example.amazonaws.com', path: '/', body: '' };
const signatureOf = (headers: Readonly<Record<string, string>>): string | undefined => /Signature=([0-9a-f]+)$/.exec(headers['authorization'] ?? '')?.[1];

/** Names and signatures of the test suite that AWS publishes for Signature Version 4. */
const VECTORS: readonly [string, SignedRequest, string][] = [
  ['get-vanilla', get, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', { ...get, method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ['get-utf8', { ...get, path: '/ሴ' }, '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  ['get-space-unnormalized', { ...get, path: '/example space/' }, '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
  [
    'get-header-value-trim',
    { ...get, headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' } },
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      ...get,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': '13',
        'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
      },
      body: 'Param1=value1',
    },
    'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  ],
];

describe('signV4', () => {
  it.each(VECTORS)('signs %s as published', (_name, request, signature) => {
    expect(signatureOf(signV4(request, scope))).toBe(signature);
  });

  it('signs the token of a session', () => {
    const token = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';

    const headers = signV4(get, { ...scope, keys: { ...keys, sessionToken: token } });

    expect(headers).toMatchObject({ 'x-amz-date': '20150830T123600Z', 'x-amz-security-token': token });
    expect(signatureOf(headers)).toBe('07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8');
  });

  it('names the scope and the signed headers in their order', () => {
    const { authorization } = signV4({ ...get, headers: { 'x-b': '1', 'content-type': 'text/plain' } }, scope);

    expect(authorization).toContain('Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-b, ');
    expect(authorization).not.toContain('wJalr');
  });

  it('signs every byte of path, body and headers', () => {
    const base: SignedRequest = { ...get, path: '/model/a%3A0/converse', body: 'x', headers: { a: 'b' } };
    const changed: readonly SignedRequest[] = [
      base,
      { ...base, path: '/model/a:0/converse' },
      { ...base, body: 'y' },
      { ...base, headers: { a: 'c' } },
      { ...base, method: 'POST' },
      { ...base, host: 'other.amazonaws.com' },
    ];

    expect(new Set(changed.map((request) => signatureOf(signV4(request, scope)))).size).toBe(changed.length);
  });
});
