import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoints, type CheckpointsOptions } from './checkpoints.ts';
import { openSqlite } from './open-sqlite.ts';

const LIMITS = { copyFrom: 20, startFrom: 20, holdFrom: 40 };

describe('the log of a SQLite file', () => {
  let folder: string;
  let path: string;
  let database: DatabaseSync;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maru-log-'));
    path = join(folder, 'maru.db');
    database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a TEXT)');
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const state = () => {
    const { log, checkpointed } = database.prepare('PRAGMA wal_checkpoint(NOOP)').get() ?? {};
    return { pages: Number(log), copied: Number(checkpointed) };
  };
  const write = (): void => void database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(4000));
  const create = (options: Partial<CheckpointsOptions> = {}) => {
    const taken = { back: 0, alone: 0 };
    const checkpoints = new Checkpoints({
      path,
      logPages: () => state().pages,
      alone: async (work) => {
        taken.alone += 1;
        await work();
      },
      takeBack: () => {
        taken.back += 1;
      },
      limits: LIMITS,
      ...options,
    });
    const look = async (): Promise<void> => {
      for (let use = 0; use < 16; use += 1) checkpoints.used();
      await checkpoints.idle();
    };
    return { checkpoints, taken, look };
  };

  it('is left alone while it is short', async () => {
    const { checkpoints, look } = create();
    write();

    await look();

    expect(state().copied).toBe(0);
    await checkpoints.close();
  });

  it('is copied into the database once it is long, and begins anew with the next write', async () => {
    const { checkpoints, taken, look } = create();
    while (state().pages < LIMITS.copyFrom) write();

    await look();

    expect(state().copied).toBe(state().pages);
    write();
    expect(state().pages).toBeLessThan(LIMITS.copyFrom);
    expect(taken).toEqual({ back: 0, alone: 0 });
    await checkpoints.close();
  });

  it('is copied while nothing is written once it is very long', async () => {
    let writing = true;
    const { checkpoints, look } = create({
      alone: async (work) => {
        writing = false;
        await work();
        expect(state().copied).toBe(state().pages);
        writing = true;
      },
    });
    while (state().pages < LIMITS.holdFrom) write();
    const busy = setInterval(() => (writing ? write() : undefined), 1);

    await look();

    clearInterval(busy);
    await checkpoints.close();
  });

  it('is copied by the connection itself when there is no thread that can', async () => {
    const broken = join(folder, 'broken.db');
    writeFileSync(broken, 'this is not a database, and long enough to be looked at as one'.repeat(20));
    const { checkpoints, taken, look } = create({ path: broken });
    while (state().pages < LIMITS.copyFrom) write();

    await look();
    await look();

    expect(taken).toEqual({ back: 1, alone: 0 });
    await checkpoints.close();
  });

  it('stays as it is where a reader still needs it, and is copied when that is gone', async () => {
    const { checkpoints, taken, look } = create();
    write();
    const reader = new DatabaseSync(path);
    reader.exec('BEGIN; SELECT count(*) FROM t');
    while (state().pages < LIMITS.copyFrom) write();

    await look();
    const held = state();
    reader.exec('COMMIT');
    reader.close();
    await look();

    expect(held.copied).toBeLessThan(held.pages);
    expect(state().copied).toBe(state().pages);
    expect(taken.back).toBe(0);
    await checkpoints.close();
  });

  it('stays short under writing without a pause', async () => {
    const db = openSqlite(path, { limits: LIMITS });
    let written = 0;
    let before = 0;
    for (let begunAnew = 0; begunAnew < 3; written += 1) {
      await sql`insert into t values (${String(written)})`.execute(db);
      const { pages } = state();
      if (pages < before) begunAnew += 1;
      before = pages;
      await setTimeout(1);
    }
    await db.destroy();

    expect(database.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: written });
  });
});
