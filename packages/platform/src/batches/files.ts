import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { Selectable } from 'kysely';
import type { Db, Store } from '#store';
import type { Clock, Ids } from '#time';
import type { FileInfo, FilePurpose } from './file-info.ts';

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;
type FileRow = Selectable<Tables['file_object']>;

export interface FilesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Where the bytes lie; shared by the processes that share the database. */
  readonly folder: string;
  /** Largest file; 512 MiB by default. */
  readonly maxFileBytes?: number;
  /** Most bytes of one tenant; 10 GiB by default. */
  readonly maxTenantBytes?: number;
}

export interface NewFile {
  readonly tenant: string;
  readonly keyId: string;
  readonly filename: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** Asked for when all bytes have come: in an upload they may stand behind the file. Kept for ever without `ttlMs`. */
  readonly settings: () => Promise<{ readonly purpose: FilePurpose; readonly ttlMs?: number | undefined }>;
}

interface FileQuery {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly purpose?: string | undefined;
}

/** Files of tenants: rows in the database, bytes in a folder. Nobody sees a file of another tenant. */
export interface Files {
  /** Takes a file while it comes. Throws `body_too_large`, `storage_full`, `invalid_request`; then nothing stays. */
  receive(file: NewFile): Promise<FileInfo>;
  /** Newest first. */
  list(tenant: string, query: FileQuery): Promise<{ readonly files: readonly FileInfo[]; readonly more: boolean }>;
  /** Throws `not_found`. */
  get(tenant: string, id: string): Promise<FileInfo>;
  /** The bytes. Throws `not_found`. */
  read(tenant: string, id: string): Promise<{ readonly info: FileInfo; readonly bytes: AsyncIterable<Buffer> }>;
  /** Throws `not_found`. */
  remove(tenant: string, id: string): Promise<void>;
  /** Removes what has expired; returns how many. */
  sweep(): Promise<number>;
  pathOf(id: string): string;
  /** Puts a finished file into force together with other statements; the bytes must lie at `pathOf(id)`. */
  insert(db: Db, file: Omit<FileInfo, 'createdMs'> & { readonly keyId: string }): Promise<void>;
}

const ID = /^file-[A-Za-z0-9_-]{1,100}$/;

export function createFiles(options: FilesOptions): Files {
  const { store, clock, ids, folder } = options;
  const maxFileBytes = options.maxFileBytes ?? 512 * 1024 * 1024;
  const maxTenantBytes = options.maxTenantBytes ?? 10 * 1024 * 1024 * 1024;
  // Ids come from this room alone, and are checked all the same before they become a path.
  const pathOf = (id: string): string => {
    if (!ID.test(id)) throw notFound(id);
    return join(folder, id);
  };
  const find = async (tenant: string, id: string): Promise<FileInfo> => {
    const row = ID.test(id)
      ? await store.db.selectFrom('file_object').selectAll().where('id', '=', id).where('tenant', '=', tenant).executeTakeFirst()
      : undefined;
    if (row === undefined || (row.expires_ms !== null && row.expires_ms <= clock.nowMs())) throw notFound(id);
    return fromRow(row);
  };
  const insert: Files['insert'] = async (db, file) => {
    const { id, tenant, keyId, purpose, filename, sizeBytes, expiresMs } = file;
    await db
      .insertInto('file_object')
      .values({ id, tenant, key_id: keyId, purpose, filename, size_bytes: sizeBytes, created_ms: clock.nowMs(), expires_ms: expiresMs })
      .execute();
  };
  const removeBytes = (id: string): Promise<void> => rm(pathOf(id), { force: true });

  return {
    pathOf,
    insert,
    async receive(file) {
      const used = await store.db
        .selectFrom('file_object')
        .select((eb) => eb.fn.sum<number | null>('size_bytes').as('bytes'))
        .where('tenant', '=', file.tenant)
        .executeTakeFirstOrThrow();
      const room = Math.min(maxFileBytes, maxTenantBytes - (used.bytes ?? 0));
      if (room <= 0)
        throw new PlatformError('body_too_large', { message: `the files of "${file.tenant}" take all of their ${maxTenantBytes} bytes; delete some` });
      await mkdir(folder, { recursive: true });
      const id = `file-${ids.next('f').replace(/^f_/, '')}`;
      const path = pathOf(id);
      const partial = `${path}.part`;
      try {
        const sizeBytes = await writeAll(partial, file.source, room);
        const { purpose, ttlMs } = await file.settings();
        await rename(partial, path);
        const info = {
          id,
          tenant: file.tenant,
          keyId: file.keyId,
          purpose,
          filename: cleanName(file.filename),
          sizeBytes,
          expiresMs: ttlMs === undefined ? null : clock.nowMs() + ttlMs,
        };
        await insert(store.db, info);
        return await find(file.tenant, id);
      } catch (thrown) {
        await rm(partial, { force: true });
        await rm(path, { force: true });
        throw (thrown as { code?: unknown }).code === 'ENOSPC'
          ? new PlatformError('storage_full', { message: 'there is no space left for the file', cause: thrown })
          : thrown;
      }
    },
    async list(tenant, { after, limit, purpose }) {
      const from = after === undefined ? undefined : await find(tenant, after);
      let query = store.db
        .selectFrom('file_object')
        .selectAll()
        .where('tenant', '=', tenant)
        .orderBy('created_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1);
      query = query.where((eb) => eb.or([eb('expires_ms', 'is', null), eb('expires_ms', '>', clock.nowMs())]));
      if (purpose !== undefined) query = query.where('purpose', '=', purpose);
      if (from !== undefined)
        query = query.where((eb) => eb.or([eb('created_ms', '<', from.createdMs), eb.and([eb('created_ms', '=', from.createdMs), eb('id', '<', from.id)])]));
      const rows = await query.execute();
      return { files: rows.slice(0, limit).map(fromRow), more: rows.length > limit };
    },
    get: find,
    async read(tenant, id) {
      return { info: await find(tenant, id), bytes: createReadStream(pathOf(id)) as AsyncIterable<Buffer> };
    },
    async remove(tenant, id) {
      await find(tenant, id);
      await store.db.deleteFrom('file_object').where('id', '=', id).where('tenant', '=', tenant).execute();
      await removeBytes(id);
    },
    async sweep() {
      const gone = await store.db.selectFrom('file_object').select('id').where('expires_ms', '<=', clock.nowMs()).limit(1000).execute();
      for (const { id } of gone) {
        await store.db.deleteFrom('file_object').where('id', '=', id).execute();
        await removeBytes(id);
      }
      return gone.length;
    },
  };
}

async function writeAll(path: string, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<number> {
  const file = await open(path, 'w', 0o600);
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > limitBytes) throw new PlatformError('body_too_large', { message: `the file is larger than ${limitBytes} bytes`, details: { limitBytes } });
      await file.write(chunk);
    }
    // What is acknowledged survives a crash of the machine.
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

/** A name for people: never a path, never a control character. */
const cleanName = (name: string): string => (name.split(/[/\\]/).at(-1) ?? '').replace(/\p{Cc}/gu, '').slice(0, 255) || 'file';

const notFound = (id: string): PlatformError => new PlatformError('not_found', { message: `there is no file "${id.slice(0, 120)}"` });

const fromRow = (row: FileRow): FileInfo => ({
  id: row.id,
  tenant: row.tenant,
  purpose: row.purpose as FilePurpose,
  filename: row.filename,
  sizeBytes: row.size_bytes,
  createdMs: row.created_ms,
  expiresMs: row.expires_ms,
});
