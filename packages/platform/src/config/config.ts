import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { SecretRef } from '@maru/api/resources';
import { LOG_LEVELS, type LogLevel } from '#telemetry';
import { readTraceExport, type TraceExportConfig } from './trace-export.ts';

/** Settings of a platform process; flags win over the environment, the environment over defaults. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Absent: one is made on the first start and kept in the data folder. */
  readonly masterKey: string | undefined;
  /** Absent: SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Redis or Valkey of the caches; none where absent. */
  readonly redisUrl: string | undefined;
  /** Redis or Valkey that keeps rates and requests at once; the database where absent. */
  readonly limitsRedisUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** Keep prompts and answers in traces. */
  readonly captureContent: boolean;
  /** Where traces go besides the own database. */
  readonly traceExport: TraceExportConfig;
  /** Prompts and answers that are kept go there too. */
  readonly exportContent: boolean;
  /** Keep in traces which prompts begin alike, as keyed hashes. */
  readonly promptMarks: boolean;
  readonly maxBodyBytes: number;
  readonly krwPerUsd: number | null;
  /** Processes that answer calls of models beside the main one; 0: the main one answers them itself. */
  readonly workers: number;
  /** Origins of the other replicas of this platform, whose routers tell each other what they know. */
  readonly peers: readonly string[];
  /** Hosts in private networks that tools may reach all the same. */
  readonly allowHosts: readonly string[];
}

export interface ConfigFlags {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly dataDir?: string | undefined;
  /** A number, or `auto` for one per processor. */
  readonly workers?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads flags and environment; throws `config_invalid` naming the flag or variable. */
export function readConfig(flags: ConfigFlags = {}, environment: Environment = process.env): Config {
  const port = flags.port ?? environment['MARU_PORT'] ?? '4000';
  const portName = flags.port === undefined ? 'MARU_PORT' : '--port';
  const masterKey = environment['MARU_MASTER_KEY'];
  if (masterKey !== undefined && !/^sk-.{6,}$/.test(masterKey)) throw invalid('MARU_MASTER_KEY', 'must start with "sk-" and have at least 9 characters');
  const databaseUrl = environment['MARU_DATABASE_URL'];
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) throw invalid('MARU_DATABASE_URL', 'must be a postgres:// address');
  const redisUrl = redisAddress('MARU_REDIS_URL', environment);
  const limitsRedisUrl = redisAddress('MARU_LIMITS_REDIS_URL', environment);
  const logLevel = environment['MARU_LOG_LEVEL'] ?? 'warn';
  if (!(LOG_LEVELS as readonly string[]).includes(logLevel)) throw invalid('MARU_LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`);
  return {
    host: flags.host ?? environment['MARU_HOST'] ?? '127.0.0.1',
    port: integer(port, portName, { least: 0, most: 65_535 }),
    dataDir: resolve(flags.dataDir ?? environment['MARU_DATA_DIR'] ?? '.maru'),
    masterKey,
    databaseUrl,
    redisUrl,
    limitsRedisUrl,
    logLevel: logLevel as LogLevel,
    captureContent: flag(environment['MARU_CAPTURE_CONTENT'], 'MARU_CAPTURE_CONTENT', false),
    traceExport: readTraceExport(environment),
    exportContent: flag(environment['MARU_EXPORT_CONTENT'], 'MARU_EXPORT_CONTENT', false),
    promptMarks: flag(environment['MARU_PROMPT_MARKS'], 'MARU_PROMPT_MARKS', true),
    maxBodyBytes: integer(environment['MARU_MAX_BODY_BYTES'] ?? String(32 * 1024 * 1024), 'MARU_MAX_BODY_BYTES', { least: 1024, most: 1024 ** 3 }),
    krwPerUsd:
      environment['MARU_KRW_PER_USD'] === undefined ? null : integer(environment['MARU_KRW_PER_USD'], 'MARU_KRW_PER_USD', { least: 1, most: 1_000_000 }),
    workers: workersOf(flags.workers ?? environment['MARU_WORKERS'] ?? '0', flags.workers === undefined ? 'MARU_WORKERS' : '--workers'),
    peers: peersOf(environment['MARU_PEERS'] ?? ''),
    allowHosts: (environment['MARU_ALLOW_HOSTS'] ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
  };
}

/** Reads a secret that a resource refers to; undefined when it is not set. Secrets of Kubernetes reach a pod as environment variables too. */
export function resolveSecret(ref: SecretRef, environment: Environment = process.env): string | undefined {
  const value = 'env' in ref ? environment[ref.env] : environment[secretVariable(ref.secret, ref.key)];
  return value === undefined || value === '' ? undefined : value;
}

/** Reads one variable that a file names; undefined when it is not set. */
export const readVariable = (name: string, environment: Environment = process.env): string | undefined => environment[name];

/** The environment variable under which a key of a Kubernetes Secret is given to a pod of Maru. */
const secretVariable = (secret: string, key: string): string => `MARU_SECRET_${secret}_${key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

const FOREIGN_TRACING = /^(LANGSMITH|LANGCHAIN)_/;

/** Switches off what a library would read by itself: LangGraph would send prompts to LangSmith when its variables are set. */
export function forgetForeignTracing(environment: Record<string, string | undefined> = process.env): void {
  for (const name of Object.keys(environment)) if (FOREIGN_TRACING.test(name)) delete environment[name];
}

/** Whether this process is a pod of a cluster. */
export const runsInCluster = (environment: Environment = process.env): boolean => environment['KUBERNETES_SERVICE_HOST'] !== undefined;

const CLOUD = /^(AWS|AZURE|GOOGLE|IDENTITY)_|^(HOME|USERPROFILE)$/;

/** What the credentials of a cloud are read from: the variables that its own tools read, and nothing else. */
export const cloudEnvironment = (environment: Environment = process.env): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name, value]) => CLOUD.test(name) && value !== ''));

/** What a child process may see of the environment: never the secrets of the platform. */
export function childEnvironment(extra: Readonly<Record<string, string>>, environment: Environment = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'TMPDIR']) {
    const value = environment[name];
    if (value !== undefined) kept[name] = value;
  }
  return { ...kept, ...extra };
}

const MAX_PEERS = 64;

function peersOf(text: string): readonly string[] {
  const peers = text
    .split(',')
    .map((peer) => peer.trim())
    .filter((peer) => peer !== '');
  for (const peer of peers) {
    const url = URL.parse(peer);
    const isBare = url !== null && /^https?:$/.test(url.protocol) && `${url.protocol}//${url.host}/` === url.href;
    // A password that stands before an @ must not be repeated.
    if (!isBare)
      throw invalid('MARU_PEERS', `must be addresses such as http://maru-headless:4000, separated by commas, not "${peer.replace(/^.*@/s, '***@')}"`);
  }
  if (peers.length > MAX_PEERS) throw invalid('MARU_PEERS', `must be at most ${MAX_PEERS} addresses`);
  return peers;
}

const MAX_WORKERS = 64;

function redisAddress(name: string, environment: Environment): string | undefined {
  const url = environment[name];
  if (url !== undefined && !/^rediss?:\/\//.test(url)) throw invalid(name, 'must be a redis:// or rediss:// address');
  return url;
}

function workersOf(text: string, name: string): number {
  if (text === 'auto') return Math.min(MAX_WORKERS, availableParallelism());
  if (!/^\d{1,3}$/.test(text)) throw invalid(name, `must be "auto" or a whole number from 0 to ${MAX_WORKERS}, not "${text}"`);
  return integer(text, name, { least: 0, most: MAX_WORKERS });
}

function integer(text: string, name: string, range: { least: number; most: number }): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < range.least || value > range.most)
    throw invalid(name, `must be a whole number from ${range.least} to ${range.most}, not "${text}"`);
  return value;
}

function flag(text: string | undefined, name: string, fallback: boolean): boolean {
  if (text === undefined || text === '') return fallback;
  if (['1', 'true', 'on', 'yes'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'off', 'no'].includes(text.toLowerCase())) return false;
  throw invalid(name, `must be true or false, not "${text}"`);
}

const invalid = (name: string, problem: string): PlatformError =>
  new PlatformError('config_invalid', { message: `${name} ${problem}`, details: { setting: name } });
