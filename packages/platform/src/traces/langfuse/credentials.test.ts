import { describe, expect, it } from 'vitest';
import { parseLangfuseCredentials } from './credentials.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Langfuse credentials', () => {
  it('are read from Basic authentication; the secret may hold colons', () => {
    expect(parseLangfuseCredentials(basic('pk-lf-1:sk-lf:2'))).toEqual({ publicKey: 'pk-lf-1', secretKey: 'sk-lf:2' });
  });

  it('are a public key alone when sent as Bearer', () => {
    expect(parseLangfuseCredentials('bearer pk-lf-1')).toEqual({ publicKey: 'pk-lf-1' });
  });

  it.each([undefined, '', 'Basic', 'Basic !!', basic('nocolon'), basic(':sk'), basic('pk:'), 'Digest abc'])('are missing in %j', (header) => {
    expect(parseLangfuseCredentials(header)).toBeUndefined();
  });
});
