import { readFile } from 'node:fs/promises';
import { createGuardedFetch, type GuardedFetch } from '#http';
import type { Clock } from '#time';

/** What a source of credentials may look at. */
export interface Cloud {
  readonly clock: Clock;
  /** Variables of the process that concern clouds. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** UTF-8; rejects when there is none. */
  readonly readFile: (path: string) => Promise<string>;
  /** For addresses that a resource or a key file may name: public ones only. */
  readonly publicFetch: GuardedFetch;
  /** For the fixed addresses of the metadata services, and for those that the environment of the process names. */
  readonly metadataFetch: GuardedFetch;
  close(): Promise<void>;
}

export interface CloudOptions {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where clouds hand out credentials to what runs on them; loopback is for the agents of pods. */
const METADATA_HOSTS = ['169.254.169.254', 'metadata.google.internal', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', '127.0.0.1', 'localhost', '[::1]'];

/** Opens no connection before the first fetch. */
export function createCloud({ clock, environment }: CloudOptions): Cloud {
  const limits = { clock, maxBytes: 256 * 1024, timeoutMs: 10_000 };
  const publicFetch = createGuardedFetch(limits);
  const metadataFetch = createGuardedFetch({ ...limits, timeoutMs: 3000, allowHosts: METADATA_HOSTS, privateHosts: METADATA_HOSTS });
  return {
    clock,
    environment,
    readFile: (path) => readFile(path, 'utf8'),
    publicFetch,
    metadataFetch,
    close: async () => {
      await Promise.all([publicFetch.close(), metadataFetch.close()]);
    },
  };
}
