import type { Seal } from './canonical/part.ts';
import { WIRE_FORMATS, type WireFormat } from './wire-format.ts';

const PREFIX = 'maru:';
const KINDS = ['signature', 'encrypted'] as const;

/** Formats of one vendor know each other's files and seals. */
export const isSameVendor = (left: WireFormat, right: WireFormat): boolean => left === right || (left.startsWith('openai-') && right.startsWith('openai-'));

/** The seal as a client of `format` is given it: its own as it is, another vendor's wrapped, so that it can be told apart when it comes back. */
export function wrapSeal(seal: Seal, format: WireFormat): string {
  if (seal.format === format) return seal.value;
  return `${PREFIX}${seal.format}:${seal.kind}:${encodeURIComponent(seal.id ?? '')}:${seal.value}`;
}

/** The seal that a client of `own.format` sent back, whoever made it. */
export function unwrapSeal(own: Seal): Seal {
  if (!own.value.startsWith(PREFIX)) return own;
  const [format, kind, id, ...value] = own.value.slice(PREFIX.length).split(':');
  const madeBy = WIRE_FORMATS.find((name) => name === format);
  const madeAs = KINDS.find((name) => name === kind);
  if (madeBy === undefined || madeAs === undefined || id === undefined) return own;
  return { format: madeBy, kind: madeAs, value: value.join(':'), ...(id === '' ? {} : { id: decodeId(id) }) };
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
