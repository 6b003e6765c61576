import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from './config.ts';

/** Where the command line finds a running platform. */
export interface ClientConfig {
  readonly server: string;
  readonly key: string | undefined;
}

export interface ClientFlags {
  readonly server?: string | undefined;
  readonly key?: string | undefined;
  readonly dataDir?: string | undefined;
}

/** Flags first, then the environment, then the data folder of a platform on this machine. */
export function readClientConfig(flags: ClientFlags = {}, environment: Environment = process.env): ClientConfig {
  const server = flags.server ?? environment['MARU_SERVER'] ?? `http://127.0.0.1:${environment['MARU_PORT'] ?? '4000'}`;
  const dataDir = resolve(flags.dataDir ?? environment['MARU_DATA_DIR'] ?? '.maru');
  const key = flags.key ?? environment['MARU_MASTER_KEY'] ?? keptKey(join(dataDir, 'master-key'));
  return { server: server.replace(/\/+$/, ''), key };
}

function keptKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
