import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResources } from '#resources';
import { childEnvironment, forgetForeignTracing, loadMasterKey, providerModels, readClientConfig, readConfig, resolveSecret } from './index.ts';

describe('readConfig', () => {
  it('listens on loopback by default', () => {
    expect(readConfig({}, {})).toMatchObject({ host: '127.0.0.1', port: 4000, logLevel: 'warn', captureContent: false, masterKey: undefined });
  });

  it('prefers flags to the environment', () => {
    expect(readConfig({ port: '5000' }, { MARU_PORT: '6000', MARU_HOST: '0.0.0.0' })).toMatchObject({ port: 5000, host: '0.0.0.0' });
  });

  it.each([
    [{ port: 'http' }, {}, '--port must be a whole number from 0 to 65535, not "http"'],
    [{}, { MARU_PORT: '70000' }, 'MARU_PORT must be'],
    [{}, { MARU_MASTER_KEY: 'secret' }, 'MARU_MASTER_KEY must start with "sk-"'],
    [{}, { MARU_DATABASE_URL: 'mysql://x' }, 'MARU_DATABASE_URL must be a postgres:// address'],
    [{}, { MARU_REDIS_URL: 'localhost:6379' }, 'MARU_REDIS_URL must be a redis:// or rediss:// address'],
    [{}, { MARU_LIMITS_REDIS_URL: 'http://localhost:6379' }, 'MARU_LIMITS_REDIS_URL must be a redis:// or rediss:// address'],
    [{}, { MARU_LOG_LEVEL: 'loud' }, 'MARU_LOG_LEVEL must be one of'],
    [{ workers: 'many' }, {}, '--workers must be "auto" or a whole number from 0 to 64, not "many"'],
    [{}, { MARU_WORKERS: '65' }, 'MARU_WORKERS must be'],
    [{}, { MARU_WORKERS: '-1' }, 'MARU_WORKERS must be'],
    [{}, { MARU_CAPTURE_CONTENT: 'maybe' }, 'MARU_CAPTURE_CONTENT must be true or false'],
  ])('names the wrong setting: %j %j', (flags, environment, message) => {
    expect(() => readConfig(flags, environment)).toThrow(message);
  });

  it('knows the addresses of other replicas', () => {
    expect(readConfig({}, {}).peers).toEqual([]);
    expect(readConfig({}, { MARU_PEERS: ' http://maru-headless:4000 ,, https://10.0.0.2 ' }).peers).toEqual(['http://maru-headless:4000', 'https://10.0.0.2']);
  });

  it.each([
    'maru-headless:4000',
    'maru-headless',
    'ftp://maru',
    'http://',
    'http://maru:99999',
    'http://maru/internal',
    'http://maru?x=1',
    'http://maru#x',
    'http://a b',
    'http://good, bad',
  ])('names MARU_PEERS in one clear error where it is %j', (peers) => {
    const wrong = peers.split(',').at(-1)?.trim();
    expect(() => readConfig({}, { MARU_PEERS: peers })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringMatching(/^MARU_PEERS must be addresses such as http:\/\/maru-headless:4000/) as string,
      }),
    );
    expect(() => readConfig({}, { MARU_PEERS: peers })).toThrow(`not "${wrong}"`);
  });

  it('never repeats a password of MARU_PEERS', () => {
    for (const peer of ['http://user:hunter2@maru', 'http://:hunter2@maru', 'user:hunter2@maru', 'http://u@hunter2@maru'])
      expect(() => readConfig({}, { MARU_PEERS: peer })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }));
  });

  it('takes 64 replicas and no more', () => {
    const peers = (count: number): string => Array.from({ length: count }, (_, index) => `http://maru-${index}`).join(',');

    expect(readConfig({}, { MARU_PEERS: peers(64) }).peers).toHaveLength(64);
    expect(() => readConfig({}, { MARU_PEERS: peers(65) })).toThrow('MARU_PEERS must be at most 64 addresses');
  });

  it('answers calls itself unless it is told to start workers', () => {
    expect(readConfig({}, {}).workers).toBe(0);
    expect(readConfig({ workers: '3' }, { MARU_WORKERS: '2' }).workers).toBe(3);
    expect(readConfig({}, { MARU_WORKERS: '2' }).workers).toBe(2);
    expect(readConfig({ workers: 'auto' }, {}).workers).toBeGreaterThan(0);
  });

  it('never repeats a secret in its message', () => {
    expect(() => readConfig({}, { MARU_MASTER_KEY: 'hunter2' })).not.toThrow('hunter2');
  });
});

describe('secrets', () => {
  it('come from the environment, also those of Kubernetes', () => {
    expect(resolveSecret({ env: 'A' }, { A: 'x' })).toBe('x');
    expect(resolveSecret({ secret: 'llm-keys', key: 'open.ai' }, { MARU_SECRET_LLM_KEYS_OPEN_AI: 'y' })).toBe('y');
    expect(resolveSecret({ env: 'B' }, { B: '' })).toBeUndefined();
  });

  it('do not reach child processes', () => {
    expect(childEnvironment({ OWN: '1' }, { PATH: '/bin', OPENAI_API_KEY: 'sk-x' })).toEqual({ PATH: '/bin', OWN: '1' });
  });
});

describe('foreign tracing', () => {
  it('is switched off: prompts go nowhere that nobody chose', () => {
    const environment = { LANGSMITH_TRACING: 'true', LANGCHAIN_API_KEY: 'x', PATH: '/bin' };
    forgetForeignTracing(environment);

    expect(environment).toEqual({ PATH: '/bin' });
  });
});

describe('the master key', () => {
  it('is made once, kept with mode 0600 and read again', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'maru-'));

    const first = loadMasterKey({ dataDir, given: undefined, secret: () => 'abc123def456' });

    expect(first).toBe('sk-maru-abc123def456');
    expect(loadMasterKey({ dataDir, given: undefined, secret: () => 'other' })).toBe(first);
    expect(statSync(join(dataDir, 'master-key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'master-key'), 'utf8')).toBe(`${first}\n`);
  });

  it('is refused when the file holds something else', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'maru-'));
    writeFileSync(join(dataDir, 'master-key'), 'oops');

    expect(() => loadMasterKey({ dataDir, given: undefined, secret: () => 'x' })).toThrow('does not hold a key');
  });

  it('is found by the command line', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'maru-'));
    const key = loadMasterKey({ dataDir, given: undefined, secret: () => 'abc123' });

    expect(readClientConfig({ dataDir }, { MARU_PORT: '4444' })).toEqual({ server: 'http://127.0.0.1:4444', key });
  });
});

describe('providerModels', () => {
  it('adds the models of providers whose keys are set, without the keys', () => {
    const yaml = providerModels({ OPENAI_API_KEY: 'sk-secret', GEMINI_API_KEY: 'g' });
    const { resources, problems } = parseResources(yaml);

    expect(problems).toEqual([]);
    expect(resources.map((entry) => entry.resource.kind === 'Model' && entry.resource.spec.provider?.name)).toContain('gemini');
    expect(yaml).not.toContain('sk-secret');
  });

  it('adds nothing when no key is set', () => {
    expect(providerModels({})).toBe('');
  });
});
