import type { CanonicalRequest, RequestField } from './canonical/request.ts';
import type { Dropped } from './format.ts';
import { isSameVendor } from './seal.ts';
import type { WireFormat } from './wire-format.ts';

/** Fields of one format alone that change bookkeeping, speed or cost, never the answer. */
const HINTS: ReadonlySet<string> = new Set([
  'store',
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'stream_options',
  'include',
  'inference_geo',
  'labels',
  'requestMetadata',
]);

/** Fields of the canonical form that change bookkeeping, speed or cost, never the answer. */
const HINT_FIELDS: ReadonlySet<RequestField> = new Set(['cache', 'cacheKey', 'user', 'metadata', 'serviceTier', 'streamUsage']);

/** Collects what a format can not carry, once per field. */
export class DropList {
  readonly #format: WireFormat;
  readonly #items = new Map<string, Dropped>();

  constructor(format: WireFormat) {
    this.#format = format;
  }

  get items(): readonly Dropped[] {
    return [...this.#items.values()];
  }

  /** Something that changes the answer. */
  meaning(field: string, why: string): void {
    this.#add({ field, why, weight: 'meaning' });
  }

  /** Something that changes only speed, cost or bookkeeping. */
  hint(field: string, why: string): void {
    this.#add({ field, why, weight: 'hint' });
  }

  /** Names each of these fields that the request sets. */
  fields(request: CanonicalRequest, names: readonly RequestField[]): void {
    for (const name of names) {
      const value = request[name];
      if (value === undefined || isNeutral(name, value)) continue;
      this.#add({ field: name, why: `${this.#format} has no such setting`, weight: HINT_FIELDS.has(name) ? 'hint' : 'meaning' });
    }
  }

  /** The fields that only the client's format knows: returned when it is this format, else named. */
  extra(request: CanonicalRequest): Readonly<Record<string, unknown>> {
    const { extra } = request;
    if (extra === undefined) return {};
    if (extra.format === this.#format) return extra.fields;
    for (const name of Object.keys(extra.fields)) {
      this.#add({ field: `extra.${name}`, why: `${this.#format} has no such setting`, weight: HINTS.has(name) ? 'hint' : 'meaning' });
    }
    return {};
  }

  /** A part, tool or file that only another vendor knows. */
  foreign(field: string, madeFor: WireFormat): void {
    this.meaning(field, `only ${isSameVendor(madeFor, this.#format) ? madeFor : `the vendor of ${madeFor}`} knows it`);
  }

  #add(item: Dropped): void {
    if (!this.#items.has(item.field)) this.#items.set(item.field, item);
  }
}

/** A setting that asks for what happens anyway is no loss. */
function isNeutral(name: RequestField, value: unknown): boolean {
  if (value === false || (Array.isArray(value) && value.length === 0)) return true;
  if (name === 'choices') return value === 1;
  if (name === 'verbosity') return value === 'medium';
  return value === 0 && (name === 'presencePenalty' || name === 'frequencyPenalty' || name === 'topLogprobs');
}
