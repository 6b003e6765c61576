import { createVerify, generateKeyPairSync } from 'node:crypto';
import { isPlatformError, PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { GuardedFetch, GuardedReply, GuardedRequest } from '#http';
import { createFakeClock, type FakeClock } from '#time';
import { createAwsCredentials } from '../aws/aws-credentials.ts';
import { createEntraToken } from '../azure/entra-token.ts';
import { createGoogleToken } from '../vertex/google-token.ts';
import type { Cloud } from './cloud.ts';
import { createRefreshing } from './refreshing.ts';

const signal = new AbortController().signal;
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'succeeded',
    (error: unknown) => error,
  );

interface FakeCloud extends Cloud {
  readonly clock: FakeClock;
  readonly asked: (GuardedRequest & { readonly by: 'public' | 'metadata' })[];
}

type Answer = (request: GuardedRequest) => { readonly status?: number; readonly body: string } | undefined;

/** A cloud in memory: files, variables, and one script for all services. */
function fakeCloud(options: { environment?: Record<string, string>; files?: Record<string, string>; answer?: Answer }): FakeCloud {
  const asked: FakeCloud['asked'] = [];
  const fetcher = (by: 'public' | 'metadata'): GuardedFetch => ({
    async fetch(request): Promise<GuardedReply> {
      asked.push({ ...request, by });
      const answer = options.answer?.(request);
      if (answer === undefined) throw new PlatformError('upstream_unreachable', { message: 'nobody is there' });
      return { status: answer.status ?? 200, url: request.url, contentType: '', body: Buffer.from(answer.body), truncated: false };
    },
    close: async () => undefined,
  });
  return {
    clock: createFakeClock(),
    environment: options.environment ?? {},
    readFile: async (path) => {
      const text = options.files?.[path];
      if (text === undefined) throw new PlatformError('not_found', { message: 'no such file' });
      return text;
    },
    publicFetch: fetcher('public'),
    metadataFetch: fetcher('metadata'),
    close: async () => undefined,
    asked,
  };
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

const json = (value: object): { body: string } => ({ body: JSON.stringify(value) });
const formOf = (request: GuardedRequest | undefined): Record<string, string> => Object.fromEntries(new URLSearchParams(request?.body ?? ''));

describe('a refreshed credential', () => {
  it('is fetched once for all who wait, and again before it expires', async () => {
    const clock = createFakeClock();
    const next = counter();
    const source = createRefreshing({ clock, fetch: async () => ({ value: next(), expiresAtMs: clock.nowMs() + 3_600_000 }) });

    const first = await Promise.all([source.get(signal), source.get(signal), source.get(signal)]);
    await clock.advance(3_300_000 - 1);
    const held = await source.get(signal);
    await clock.advance(1);
    const renewed = await source.get(signal);

    expect([...first, held, renewed].map(({ value }) => value)).toEqual([1, 1, 1, 1, 2]);
  });

  it('that lives shortly is renewed at half of its life', async () => {
    const clock = createFakeClock();
    const next = counter();
    const source = createRefreshing({ clock, fetch: async () => ({ value: next(), expiresAtMs: clock.nowMs() + 60_000 }) });

    await source.get(signal);
    await clock.advance(29_000);
    expect((await source.get(signal)).value).toBe(1);
    await clock.advance(2000);
    expect((await source.get(signal)).value).toBe(2);
  });

  it('is used to its end when no new one can be had', async () => {
    const clock = createFakeClock();
    let broken = false;
    const source = createRefreshing({
      clock,
      fetch: async () => {
        if (broken) throw new PlatformError('upstream_unreachable', { message: 'down' });
        return { expiresAtMs: clock.nowMs() + 3_600_000 };
      },
    });

    const given = await source.get(signal);
    broken = true;
    await clock.advance(3_500_000);
    expect(await source.get(signal)).toBe(given);
    await clock.advance(200_000);
    expect(isPlatformError(await failure(source.get(signal)), 'upstream_unreachable')).toBe(true);
  });

  it('is fetched anew after it was refused', async () => {
    const next = counter();
    const source = createRefreshing<{ value: number; expiresAtMs?: number }>({ clock: createFakeClock(), fetch: async () => ({ value: next() }) });

    await source.get(signal);
    source.forget();

    expect((await source.get(signal)).value).toBe(2);
  });

  it('goes on being fetched when one of those who wait goes away', async () => {
    const { promise, resolve: give } = Promise.withResolvers<object>();
    const source = createRefreshing({ clock: createFakeClock(), fetch: () => promise });
    const controller = new AbortController();

    const leaving = failure(source.get(controller.signal));
    const staying = source.get(signal);
    controller.abort();
    give({ ok: true });

    expect(isPlatformError(await leaving, 'cancelled')).toBe(true);
    expect(await staying).toEqual({ ok: true });
  });

  it('gives up its fetch when its owner closes', async () => {
    let seen: AbortSignal | undefined;
    const source = createRefreshing({
      clock: createFakeClock(),
      fetch: (own) => {
        seen = own;
        return new Promise<object>((_, reject) => own.addEventListener('abort', () => reject(own.reason as Error)));
      },
    });

    const outcome = failure(source.get(signal));
    source.close();

    expect(isPlatformError(await outcome, 'cancelled')).toBe(true);
    expect(seen?.aborted).toBe(true);
  });
});

describe('tokens of Entra', () => {
  const token = json({ access_token: 'ey', expires_in: 3599, token_type: 'Bearer' });

  it('are asked for with the secret of an application', async () => {
    const cloud = fakeCloud({ answer: () => token });

    const given = await createEntraToken({ tenantId: 'tenant/1', clientId: 'app', clientSecret: 'hush' }, cloud).get(signal);

    expect(given).toEqual({ token: 'ey', expiresAtMs: cloud.clock.nowMs() + 3_599_000 });
    expect(cloud.asked[0]).toMatchObject({ by: 'public', method: 'POST', url: 'https://login.microsoftonline.com/tenant%2F1/oauth2/v2.0/token' });
    expect(formOf(cloud.asked[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 'hush',
      scope: 'https://cognitiveservices.azure.com/.default',
    });
  });

  it('are asked for with the token file of a workload identity', async () => {
    const cloud = fakeCloud({
      environment: {
        AZURE_TENANT_ID: 't',
        AZURE_CLIENT_ID: 'c',
        AZURE_FEDERATED_TOKEN_FILE: '/var/token',
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
      },
      files: { '/var/token': 'jwt\n' },
      answer: () => token,
    });

    await createEntraToken({}, cloud).get(signal);

    expect(cloud.asked[0]?.url).toBe('https://login.microsoftonline.us/t/oauth2/v2.0/token');
    expect(formOf(cloud.asked[0])).toMatchObject({ client_assertion: 'jwt', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
  });

  it('come from the managed identity of a machine, and of App Service', async () => {
    const machine = fakeCloud({ environment: { AZURE_CLIENT_ID: 'c' }, answer: () => token });
    const service = fakeCloud({ environment: { IDENTITY_ENDPOINT: 'http://127.0.0.1:41/msi', IDENTITY_HEADER: 'h' }, answer: () => token });

    await createEntraToken({}, machine).get(signal);
    await createEntraToken({}, service).get(signal);

    expect(machine.asked[0]).toMatchObject({ by: 'metadata', headers: { metadata: 'true' } });
    expect(machine.asked[0]?.url).toMatch(/^http:\/\/169\.254\.169\.254\/metadata\/identity\/oauth2\/token\?api-version=2018-02-01&resource=.*&client_id=c$/);
    expect(service.asked[0]).toMatchObject({ by: 'metadata', headers: { 'x-identity-header': 'h' } });
  });

  it('that are refused say why, and never show the secret', async () => {
    const cloud = fakeCloud({ answer: () => ({ status: 401, body: '{"error":"invalid_client","error_description":"AADSTS7000215: wrong"}' }) });

    const error = await failure(createEntraToken({ tenantId: 't', clientId: 'c', clientSecret: 'hush' }, cloud).get(signal));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).toContain('AADSTS7000215');
    expect(JSON.stringify(error) + String(error)).not.toContain('hush');
  });

  it('need something to start from', async () => {
    expect(String(await failure(createEntraToken({}, fakeCloud({})).get(signal)))).toContain('spec.provider.entra');
    expect(String(await failure(createEntraToken({ clientSecret: 's' }, fakeCloud({})).get(signal)))).toContain('AZURE_TENANT_ID');
  });
});

describe('tokens of Google Cloud', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const account = { type: 'service_account', client_email: 'maru@p.iam.gserviceaccount.com', private_key: pem, private_key_id: 'k1' };
  const token = json({ access_token: 'ya29', expires_in: 3600 });

  it('are asked for with a JWT that the service account signs', async () => {
    const cloud = fakeCloud({ answer: () => token });

    expect((await createGoogleToken(JSON.stringify(account), cloud).get(signal)).token).toBe('ya29');

    expect(cloud.asked[0]).toMatchObject({ by: 'public', url: 'https://oauth2.googleapis.com/token' });
    const [header = '', claims = '', signature = ''] = (formOf(cloud.asked[0])['assertion'] ?? '').split('.');
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    const issued = cloud.clock.nowMs() / 1000;
    expect(read(claims)).toMatchObject({ iss: account.client_email, aud: 'https://oauth2.googleapis.com/token', iat: issued, exp: issued + 3600 });
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true);
  });

  it('come from the file that the environment names, also for a user', async () => {
    const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    const cloud = fakeCloud({
      environment: { GOOGLE_APPLICATION_CREDENTIALS: '/adc.json' },
      files: { '/adc.json': JSON.stringify(user) },
      answer: () => token,
    });

    await createGoogleToken(undefined, cloud).get(signal);

    expect(formOf(cloud.asked[0])).toEqual({ grant_type: 'refresh_token', client_id: 'c', client_secret: 's', refresh_token: 'r' });
  });

  it('come from the metadata server of the machine', async () => {
    const cloud = fakeCloud({ answer: () => token });

    await createGoogleToken(undefined, cloud).get(signal);

    expect(cloud.asked[0]).toMatchObject({ by: 'metadata', headers: { 'metadata-flavor': 'Google' } });
  });

  it('take the address of a key file through the guard for public addresses', async () => {
    const cloud = fakeCloud({ answer: () => token });

    await createGoogleToken(JSON.stringify({ ...account, token_uri: 'http://169.254.169.254/x' }), cloud).get(signal);

    expect(cloud.asked[0]?.by).toBe('public');
  });

  it.each([
    ['not json', 'is not JSON'],
    [JSON.stringify({ type: 'external_account' }), 'service account'],
    [JSON.stringify({ ...account, private_key: 'secret-but-no-pem' }), 'must be PEM'],
    [JSON.stringify({ type: 'service_account', private_key: 'secret-but-no-pem' }), 'client_email'],
  ])('never quote a key that can not be read', async (key, why) => {
    const error = await failure(createGoogleToken(key, fakeCloud({})).get(signal));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).toContain(why);
    expect(String(error) + String((error as Error).cause)).not.toContain('secret-but-no-pem');
  });

  it('need something to start from', async () => {
    expect(String(await failure(createGoogleToken(undefined, fakeCloud({})).get(signal)))).toContain('GOOGLE_APPLICATION_CREDENTIALS');
  });
});

describe('credentials of AWS', () => {
  const region = 'eu-west-1';
  const sts = (name: string): { body: string } => ({
    body: `<R><Credentials><AccessKeyId>${name}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></R>`,
  });
  const get = (cloud: FakeCloud, more: Partial<Parameters<typeof createAwsCredentials>[0]> = {}): Promise<unknown> =>
    createAwsCredentials({ region, ...more }, cloud).get(signal);

  it('are those of the resource before all others', async () => {
    const cloud = fakeCloud({ environment: { AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 's' } });

    expect(await get(cloud, { keys: { accessKeyId: 'own', secretAccessKey: 's' } })).toMatchObject({ accessKeyId: 'own' });
    expect(await get(cloud)).toMatchObject({ accessKeyId: 'env' });
  });

  it('come from a web identity (IRSA)', async () => {
    const cloud = fakeCloud({
      environment: { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' },
      files: { '/token': 'jwt\n' },
      answer: () => sts('ASIA'),
    });

    expect(await get(cloud)).toEqual({ accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 't', expiresAtMs: Date.UTC(2030, 0, 1) });
    expect(cloud.asked[0]).toMatchObject({ by: 'public', url: 'https://sts.eu-west-1.amazonaws.com/' });
    expect(cloud.asked[0]?.headers).not.toHaveProperty('authorization');
    expect(formOf(cloud.asked[0])).toMatchObject({ Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: 'jwt', RoleArn: 'arn:aws:iam::1:role/r' });
  });

  it('come from a profile, from its role, and from the profile behind it', async () => {
    const files = {
      '/h/.aws/credentials': '# keys\n[default]\naws_access_key_id = d\naws_secret_access_key = s=1\n[base]\naws_access_key_id=b\naws_secret_access_key=s\n',
      '/h/.aws/config':
        '[profile dev]\nrole_arn = arn:x\nsource_profile = base\nexternal_id = e\n[profile sso]\nsso_session = x\n[profile loop]\nrole_arn=a\nsource_profile=loop2\n[profile loop2]\nrole_arn=a\nsource_profile=loop\n',
    };
    const cloud = fakeCloud({ environment: { HOME: '/h' }, files, answer: () => sts('ROLE') });

    expect(await get(cloud)).toMatchObject({ accessKeyId: 'd', secretAccessKey: 's=1' });
    expect(await get(cloud, { profile: 'base' })).toMatchObject({ accessKeyId: 'b' });
    expect(await get(cloud, { profile: 'dev' })).toMatchObject({ accessKeyId: 'ROLE' });
    expect(cloud.asked[0]?.headers?.['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=b\/\d{8}\/eu-west-1\/sts\/aws4_request/);
    expect(formOf(cloud.asked[0])).toMatchObject({ Action: 'AssumeRole', ExternalId: 'e' });
    expect(String(await failure(get(cloud, { profile: 'none' })))).toContain('"none"');
    expect(String(await failure(get(cloud, { profile: 'sso' })))).toContain('single sign-on');
    expect(String(await failure(get(cloud, { profile: 'loop' })))).toContain('circle');
  });

  it('come from the container endpoint, with its token', async () => {
    const answer: Answer = () => json({ AccessKeyId: 'pod', SecretAccessKey: 's', Token: 't', Expiration: '2030-01-01T00:00:00Z' });
    const pod = fakeCloud({
      environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials', AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/t' },
      files: { '/t': 'Bearer x' },
      answer,
    });
    const task = fakeCloud({ environment: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' }, answer });

    expect(await get(pod)).toMatchObject({ accessKeyId: 'pod', sessionToken: 't' });
    await get(task);

    expect(pod.asked[0]).toMatchObject({ by: 'metadata', headers: { authorization: 'Bearer x' } });
    expect(task.asked[0]).toMatchObject({ by: 'metadata', url: 'http://169.254.170.2/v2/credentials/1' });
  });

  it('come from the role of the instance, with a session (IMDSv2)', async () => {
    const cloud = fakeCloud({
      answer: ({ url, method }) => {
        if (method === 'PUT') return { body: 'session' };
        return url.endsWith('/security-credentials/') ? { body: 'my-role' } : json({ AccessKeyId: 'ec2', SecretAccessKey: 's', Token: 't' });
      },
    });

    expect(await get(cloud)).toMatchObject({ accessKeyId: 'ec2' });
    expect(cloud.asked.map(({ url }) => url.split('/latest')[1])).toEqual([
      '/api/token',
      '/meta-data/iam/security-credentials/',
      '/meta-data/iam/security-credentials/my-role',
    ]);
    expect(cloud.asked[2]?.headers).toEqual({ 'x-aws-ec2-metadata-token': 'session' });
  });

  it('take on a role with what was found', async () => {
    const cloud = fakeCloud({ environment: { AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 's' }, answer: () => sts('ROLE') });

    expect(await get(cloud, { roleArn: 'arn:aws:iam::2:role/x' })).toMatchObject({ accessKeyId: 'ROLE' });
    expect(formOf(cloud.asked[0])).toMatchObject({ RoleArn: 'arn:aws:iam::2:role/x' });
  });

  it('that are refused say why, and never show a secret', async () => {
    const cloud = fakeCloud({
      environment: { AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 'hush' },
      answer: () => ({ status: 403, body: '<E><Code>AccessDenied</Code><Message>not authorized to assume</Message></E>' }),
    });

    const error = await failure(get(cloud, { roleArn: 'r' }));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).toContain('AccessDenied: not authorized');
    expect(String(error)).not.toContain('hush');
  });

  it('say where they were looked for when there are none', async () => {
    const error = await failure(get(fakeCloud({})));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).toContain('AWS_ACCESS_KEY_ID');
  });
});
