import type { QuotaRecord, RecordShare } from './quota-record.ts';

// One hash tag: a cluster keeps all keys of limits on one node, where they can be changed at once.
const PREFIX = 'maru:{limits}:';
export const EPOCH_KEY = `${PREFIX}epoch`;
export const HOLDERS_KEY = `${PREFIX}holders`;
export const quotaKey = (id: string): string => `${PREFIX}quota:${id}`;
/** What a holder has shares of. */
export const heldKey = (holder: string): string => `${PREFIX}held:${holder}`;
/** Shares of a holder that others wait for, with the number of the recall. */
export const callsKey = (holder: string): string => `${PREFIX}calls:${holder}`;

/** Indexes of holders that were not heard of for so long are of nobody. */
export const INDEX_LIFE_MS = 86_400_000;

export const toRef = (id: string, startMs: number): string => `${startMs} ${id}`;

export function parseRef(ref: string): { readonly id: string; readonly startMs: number } {
  const space = ref.indexOf(' ');
  return { startMs: Number(ref.slice(0, space)), id: ref.slice(space + 1) };
}

interface Change {
  readonly id: string;
  readonly before: QuotaRecord;
  readonly after: QuotaRecord;
  readonly nowMs: number;
  /** How the record ends: as it would have anyway, never, or after a time. */
  readonly life: 'kept' | 'forever' | number;
}

/** Writes a record and the indexes that follow from it. */
export function recordCommands({ id, before, after, nowMs, life }: Change): readonly (readonly string[])[] {
  const end = life === 'forever' ? [] : life === 'kept' ? ['KEEPTTL'] : ['PX', String(life)];
  const commands: string[][] = [['SET', quotaKey(id), JSON.stringify(after), ...end]];
  const touched = new Set<string>();
  const [had, has] = [byRef(before), byRef(after)];
  for (const [key, { share, called }] of has) {
    const ref = toRef(id, share.startMs);
    const known = had.get(key);
    if (known === undefined) {
      commands.push(['SADD', heldKey(share.holder), ref], ['ZADD', HOLDERS_KEY, String(nowMs), share.holder]);
      touched.add(heldKey(share.holder));
    }
    if (called === known?.called) continue;
    if (called === undefined) commands.push(['HDEL', callsKey(share.holder), ref]);
    else {
      commands.push(['HSET', callsKey(share.holder), ref, String(called)]);
      touched.add(callsKey(share.holder));
    }
  }
  for (const [key, { share }] of had) {
    if (has.has(key)) continue;
    const ref = toRef(id, share.startMs);
    commands.push(['SREM', heldKey(share.holder), ref], ['HDEL', callsKey(share.holder), ref]);
  }
  for (const key of touched) commands.push(['PEXPIRE', key, String(INDEX_LIFE_MS)]);
  return commands;
}

/** Shares by holder and window, with the recall that their holder has not answered. */
const byRef = ({ shares, recall }: QuotaRecord): ReadonlyMap<string, { readonly share: RecordShare; readonly called: number | undefined }> =>
  new Map(shares.map((share) => [`${share.startMs} ${share.holder}`, { share, called: share.seen < recall ? recall : undefined }]));
