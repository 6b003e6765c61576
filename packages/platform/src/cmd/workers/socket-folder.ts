import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SocketFolder {
  readonly main: string;
  readonly agents: string;
  remove(): void;
}

/** The shortest limit of the systems that Maru runs on is 104 bytes, with the zero at the end. */
const MAX_PATH_BYTES = 100;

/** Where the main process listens for its workers: a folder that only this user may enter, in the data folder where its path is short enough. */
export function makeSocketFolder(dataDir: string): SocketFolder {
  const own = join(dataDir, 'workers');
  const fits = Buffer.byteLength(join(own, 'agents.sock')) <= MAX_PATH_BYTES;
  if (fits) mkdirSync(own, { recursive: true, mode: 0o700 });
  const folder = fits ? own : mkdtempSync(join(tmpdir(), 'maru-'));
  const sockets = { main: join(folder, 'main.sock'), agents: join(folder, 'agents.sock') };
  return {
    ...sockets,
    remove: () => {
      if (!fits) rmSync(folder, { recursive: true, force: true });
    },
  };
}
