import { PlatformError } from '@maru/api/errors';

/** What a request asks of its own service, in its headers. */
export interface ServiceLevel {
  /** Bounds of its first token and of the mean time between two tokens, in milliseconds. */
  readonly slo?: { readonly ttftMs?: number; readonly itlMs?: number };
  /** Where it may have to wait. */
  readonly priority?: number;
}

/** Several spellings of one bound are in use; they may be sent together where they say the same. */
const TTFT = ['x-slo-ttft-ms', 'x-llm-d-slo-ttft-ms'];
const ITL = ['x-slo-itl-ms', 'x-slo-tpot-ms', 'x-llm-d-slo-tpot-ms'];
const PRIORITY = ['x-maru-priority'];

const NONE: ServiceLevel = Object.freeze({});

type Headers = Readonly<Record<string, string>>;

/** Reads `x-slo-ttft-ms`, `x-slo-itl-ms` (or `x-slo-tpot-ms`) and `x-maru-priority`; throws `invalid_request` for anything but their numbers. */
export function readServiceLevel(headers: Headers): ServiceLevel {
  const ttftMs = read(headers, TTFT, milliseconds);
  const itlMs = read(headers, ITL, milliseconds);
  const priority = read(headers, PRIORITY, wholePriority);
  if (ttftMs === undefined && itlMs === undefined && priority === undefined) return NONE;
  return {
    ...(ttftMs === undefined && itlMs === undefined ? {} : { slo: { ...(ttftMs === undefined ? {} : { ttftMs }), ...(itlMs === undefined ? {} : { itlMs }) } }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function read(headers: Headers, names: readonly string[], parse: (text: string, name: string) => number): number | undefined {
  let found: { readonly name: string; readonly value: number } | undefined;
  for (const name of names) {
    const text = headers[name];
    if (text === undefined) continue;
    const value = parse(text, name);
    if (found !== undefined && found.value !== value)
      throw refused(name, `the headers ${found.name} and ${name} mean the same and say ${found.value} and ${value}; send one of them`);
    found = { name, value };
  }
  return found?.value;
}

const MOST_MS = 3_600_000;

function milliseconds(text: string, name: string): number {
  const value = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= MOST_MS))
    throw refused(name, `the header ${name} must be a number of milliseconds above 0 and up to ${MOST_MS}, not "${cut(text)}"`);
  return value;
}

function wholePriority(text: string, name: string): number {
  const value = /^-?\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(value) <= 100)) throw refused(name, `the header ${name} must be a whole number from -100 to 100, not "${cut(text)}"`);
  return value;
}

const cut = (text: string): string => text.slice(0, 40);

const refused = (header: string, message: string): PlatformError => new PlatformError('invalid_request', { message, details: { header } });
