import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maru-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process that takes the lock and keeps it until it is killed. */
async function holdElsewhere(): Promise<{ pid: number; kill(): Promise<void> }> {
  const code = `import { lockDataDir } from ${JSON.stringify(new URL('data-dir-lock.ts', import.meta.url).href)};
    lockDataDir(${JSON.stringify(folder)}, 1800000000000); process.stdout.write('held'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('data folder lock', () => {
  it('makes the folder for its owner alone, and can be taken again after a release', () => {
    const path = join(folder, 'deep', 'data');

    lockDataDir(path, 0).release();
    const again = lockDataDir(path, 0);

    expect(statSync(path).mode & 0o777).toBe(0o700);
    again.release();
    again.release();
  });

  it('refuses a second holder in the same process', () => {
    const lock = lockDataDir(folder, 1_800_000_000_000);

    expect(() => lockDataDir(folder, 0)).toThrow(expect.objectContaining({ code: 'data_dir_locked', details: { pid: process.pid } }));
    lock.release();
  });

  it('names the pid of another process, and takes over once that was killed', async () => {
    const holder = await holdElsewhere();
    try {
      expect(() => lockDataDir(folder, 0)).toThrow(
        expect.objectContaining({ code: 'data_dir_locked', message: expect.stringContaining(`the process ${holder.pid} (since 2027-01-15T08:00:00.000Z)`) }),
      );
    } finally {
      await holder.kill();
    }

    lockDataDir(folder, 0).release();
  });

  it('still refuses when the pid file is unreadable', () => {
    const lock = lockDataDir(folder, 0);
    writeFileSync(join(folder, 'maru.pid'), '{');

    expect(() => lockDataDir(folder, 0)).toThrow(expect.objectContaining({ code: 'data_dir_locked', details: {} }));
    lock.release();
  });

  it('says that a folder can not be used', () => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => lockDataDir(join(folder, 'file', 'data'), 0)).toThrow(expect.objectContaining({ code: 'data_dir_unusable' }));
  });
});
