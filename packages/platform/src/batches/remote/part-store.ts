import type { Selectable } from 'kysely';
import type { Db, Store } from '#store';
import type { DeferredLine } from '../ports.ts';

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;

/**
 * `open`: lines may come. `submitting`: its submission may have arrived. `running`: its id is known. `cancelling`: the provider was
 * told to end. `collecting`: the provider has ended.
 */
type PartState = 'open' | 'submitting' | 'running' | 'cancelling' | 'collecting';

/** Lines of a batch that go to a provider together. Its id is its mark at the provider. */
export interface BatchPart {
  readonly id: string;
  readonly batchId: string;
  readonly api: string;
  readonly format: string;
  readonly state: PartState;
  readonly handle: string | null;
  /** Ids at the provider that were found and are others. */
  readonly exclude: readonly string[];
  readonly lines: number;
  readonly tries: number;
  readonly createdMs: number;
  readonly lookMs: number;
}

interface PartLine {
  readonly index: number;
  readonly customId: string;
  readonly request: string;
  readonly startByte: number;
  readonly endByte: number;
}

export interface PartStore {
  parts(batchId: string): Promise<readonly BatchPart[]>;
  /** Puts an open line into a part, which is made where none has room. */
  add(line: { readonly batchId: string; readonly index: number }, deferred: DeferredLine, nowMs: number): Promise<void>;
  change(id: string, change: PartChange): Promise<void>;
  /** Lines without an outcome, in order. */
  lines(id: string, query: { readonly after: number; readonly limit: number }): Promise<readonly PartLine[]>;
  line(id: string, index: number): Promise<PartLine | undefined>;
  remove(id: string): Promise<void>;
}

type PartChange = Partial<Pick<BatchPart, 'state' | 'handle' | 'exclude' | 'tries' | 'lookMs'>>;

/** Of one part; the smallest limits of the providers are 50,000 requests and 200 MB. */
const MAX_LINES = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;

export function createPartStore({ db }: Store, nextId: () => string): PartStore {
  // Lines of a batch end at the same time: two of them must not make a part each.
  let adding: Promise<unknown> = Promise.resolve();
  const addNow: PartStore['add'] = async ({ batchId, index }, { api, format, request }, nowMs) => {
    await db.transaction().execute(async (own) => {
      const bytes = Buffer.byteLength(request);
      const open = await own
        .selectFrom('batch_part')
        .select('id')
        .where('batch_id', '=', batchId)
        .where('api', '=', api)
        .where('format', '=', format)
        .where('state', '=', 'open')
        .where('line_count', '<', MAX_LINES)
        .where('byte_count', '<', MAX_BYTES)
        .orderBy('id')
        .executeTakeFirst();
      const id = open?.id ?? nextId();
      const put = await own
        .updateTable('batch_line')
        .set({ part_id: id, request })
        .where('batch_id', '=', batchId)
        .where('line_index', '=', index)
        .where('outcome', 'is', null)
        .where('part_id', 'is', null)
        .executeTakeFirst();
      if (put.numUpdatedRows === 0n) return;
      if (open === undefined) {
        const row = { id, batch_id: batchId, api, format, state: 'open', handle: null, exclude: '[]', line_count: 1, byte_count: bytes };
        await own
          .insertInto('batch_part')
          .values({ ...row, tries: 0, created_ms: nowMs, look_ms: 0 })
          .execute();
      } else {
        await own
          .updateTable('batch_part')
          .set((eb) => ({ line_count: eb('line_count', '+', 1), byte_count: eb('byte_count', '+', bytes) }))
          .where('id', '=', id)
          .execute();
      }
    });
  };
  const linesOf = (id: string) =>
    db
      .selectFrom('batch_line')
      .select(['line_index', 'custom_id', 'request', 'start_byte', 'end_byte'])
      .where('part_id', '=', id)
      .where('outcome', 'is', null)
      .orderBy('line_index');

  return {
    async parts(batchId) {
      return (await db.selectFrom('batch_part').selectAll().where('batch_id', '=', batchId).orderBy('id').execute()).map(fromRow);
    },
    add(line, deferred, nowMs) {
      const added = adding.then(() => addNow(line, deferred, nowMs));
      adding = added.catch(() => undefined);
      return added;
    },
    async change(id, { state, handle, exclude, tries, lookMs }) {
      await db
        .updateTable('batch_part')
        .set({
          ...(state === undefined ? {} : { state }),
          ...(handle === undefined ? {} : { handle }),
          ...(exclude === undefined ? {} : { exclude: JSON.stringify(exclude) }),
          ...(tries === undefined ? {} : { tries }),
          ...(lookMs === undefined ? {} : { look_ms: lookMs }),
        })
        .where('id', '=', id)
        .execute();
    },
    async lines(id, { after, limit }) {
      return (await linesOf(id).where('line_index', '>', after).limit(limit).execute()).map(toLine);
    },
    async line(id, index) {
      return (await linesOf(id).where('line_index', '=', index).execute()).map(toLine)[0];
    },
    async remove(id) {
      await db.deleteFrom('batch_part').where('id', '=', id).execute();
    },
  };
}

type LineRow = Pick<Selectable<Tables['batch_line']>, 'line_index' | 'custom_id' | 'request' | 'start_byte' | 'end_byte'>;

const toLine = (row: LineRow): PartLine => ({
  index: row.line_index,
  customId: row.custom_id,
  request: row.request ?? '{}',
  startByte: row.start_byte,
  endByte: row.end_byte,
});

const fromRow = (row: Selectable<Tables['batch_part']>): BatchPart => ({
  id: row.id,
  batchId: row.batch_id,
  api: row.api,
  format: row.format,
  state: row.state as PartState,
  handle: row.handle,
  exclude: JSON.parse(row.exclude) as string[],
  lines: row.line_count,
  tries: row.tries,
  createdMs: row.created_ms,
  lookMs: row.look_ms,
});
