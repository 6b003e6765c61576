import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_VERSION, type TokenIssuer, type TokenIssuerSpec } from '@maru/api/resources';

type Algorithm = 'RS256' | 'ES256' | 'EdDSA';
type Claims = Readonly<Record<string, unknown>>;
type PublicKey = Readonly<Record<string, unknown>> & { readonly kty: 'RSA' | 'EC' | 'OKP' };

/** An identity provider on a real socket, whose keys can be changed. It signs by itself: nothing of what is tested takes part. */
export interface TestIssuer {
  readonly url: string;
  readonly jwksUrl: string;
  /** How often the keys were fetched. */
  fetches(): number;
  /** A new key, which signs from now on; the ones before stay published unless they are taken back. */
  rotate(options?: { readonly takeBack?: boolean; readonly alg?: Algorithm }): void;
  /** Answers with this in place of the keys, until it is set to undefined again. */
  answerWith(answer: { readonly status: number; readonly body: string } | undefined): void;
  /** A usual token, valid for an hour, with some claims changed; undefined takes one away. */
  sign(claims: Claims, header?: Claims): Promise<string>;
  publicKeys(): readonly PublicKey[];
  close(): Promise<void>;
}

export async function startIssuer(options: { readonly clock: { nowMs(): number }; readonly discovery?: boolean }): Promise<TestIssuer> {
  let count = 0;
  let asked = 0;
  let answer: { readonly status: number; readonly body: string } | undefined;
  let published: readonly PublicKey[] = [];
  let signing = makePair('ES256');
  const server = createServer((request, response) => {
    if (request.url === '/.well-known/openid-configuration' && options.discovery === true) {
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
      return;
    }
    asked += 1;
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kid = (): string => `k${count}`;

  const rotate: TestIssuer['rotate'] = ({ takeBack = false, alg = 'ES256' } = {}) => {
    count += 1;
    signing = makePair(alg);
    const key = { ...signing.publicKey.export({ format: 'jwk' }), kid: kid(), alg, use: 'sig' } as unknown as PublicKey;
    published = [...(takeBack ? [] : published), key];
  };
  rotate();
  return {
    url,
    jwksUrl: `${url}/jwks`,
    fetches: () => asked,
    rotate,
    answerWith(next) {
      answer = next;
    },
    sign(claims, header = {}) {
      const nowS = Math.floor(options.clock.nowMs() / 1000);
      const text = [
        { alg: signing.alg, kid: kid(), ...header },
        { iss: url, aud: 'maru', sub: 'u-1', iat: nowS, exp: nowS + 3600, ...claims },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const key = { key: signing.privateKey, dsaEncoding: 'ieee-p1363' as const };
      return Promise.resolve(`${text}.${sign(signing.alg === 'EdDSA' ? null : 'sha256', Buffer.from(text), key).toString('base64url')}`);
    },
    publicKeys: () => published,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function makePair(alg: Algorithm): { readonly alg: Algorithm; readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (alg === 'RS256') return { alg, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
  return { alg, ...(alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')) };
}

/** A TokenIssuer that trusts a {@link TestIssuer}. */
export const issuerResource = (issuer: TestIssuer, spec: Partial<TokenIssuerSpec> = {}, name = 'login'): TokenIssuer => ({
  apiVersion: API_VERSION,
  kind: 'TokenIssuer',
  metadata: { name },
  spec: { issuer: issuer.url, audiences: ['maru'], jwksUrl: issuer.jwksUrl, algorithms: ['RS256', 'ES256', 'EdDSA'], clockSkewSeconds: 30, map: {}, ...spec },
});
