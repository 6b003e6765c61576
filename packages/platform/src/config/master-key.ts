import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';

export interface MasterKeyOptions {
  readonly dataDir: string;
  readonly given: string | undefined;
  /** Makes a random secret. */
  readonly secret: () => string;
}

/** The key of the administrator: the given one, or the one in the data folder, which is made on the first start with mode 0600. */
export function loadMasterKey(options: MasterKeyOptions): string {
  if (options.given !== undefined) return options.given;
  const path = join(options.dataDir, 'master-key');
  const kept = readIfThere(path);
  if (kept !== undefined) {
    if (!/^sk-.{6,}$/.test(kept)) throw new PlatformError('data_corrupt', { message: `"${path}" does not hold a key; delete it to have a new one made` });
    return kept;
  }
  const key = `sk-maru-${options.secret()}`;
  writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(path, 0o600);
  return key;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PlatformError('data_dir_unusable', { message: `"${path}" can not be read: ${(error as Error).message}`, cause: error });
  }
}
