import { isTokenPart } from './characters.ts';
import type { Detector, Finding, Reader } from './finding.ts';

interface Prefix {
  readonly kind: string;
  readonly prefix: string;
  /** Letters after the prefix: at least, and where the form is fixed, at most. */
  readonly least: number;
  readonly most?: number;
  /** What may follow the prefix, besides letters, digits, `_` and `-`. */
  readonly also?: string;
}

/** Forms that vendors have published for their keys. */
const PREFIXES: readonly Prefix[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((prefix) => ({ kind: 'aws-access-key', prefix, least: 16, most: 16 })),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => ({ kind: 'github-token', prefix, least: 36 })),
  { kind: 'github-token', prefix: 'github_pat_', least: 40 },
  { kind: 'anthropic-key', prefix: 'sk-ant-', least: 20 },
  { kind: 'openai-key', prefix: 'sk-proj-', least: 20 },
  { kind: 'openai-key', prefix: 'sk-svcacct-', least: 20 },
  { kind: 'openai-key', prefix: 'sk-admin-', least: 20 },
  { kind: 'openai-key', prefix: 'sk-', least: 40 },
  { kind: 'google-api-key', prefix: 'AIza', least: 35, most: 35 },
  ...['xoxb-', 'xoxa-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-', 'xoxe.'].map((prefix) => ({ kind: 'slack-token', prefix, least: 20, also: '.' })),
  ...['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_'].map((prefix) => ({ kind: 'stripe-key', prefix, least: 16 })),
  { kind: 'jwt', prefix: 'eyJ', least: 30, also: '.=' },
];

const BY_FIRST = new Map<number, readonly Prefix[]>();
for (const entry of PREFIXES) {
  const first = entry.prefix.charCodeAt(0);
  BY_FIRST.set(first, [...(BY_FIRST.get(first) ?? []), entry]);
}

/** Keys and tokens by the prefixes of their vendors. */
export function findTokens(kinds: ReadonlySet<string>): Detector {
  return (reader) => {
    const found: Finding[] = [];
    for (let at = 0; at < reader.length; at += 1) {
      const entries = BY_FIRST.get(reader.at(at));
      if (entries === undefined || isTokenPart(reader.at(at - 1))) continue;
      const entry = entries.find((each) => kinds.has(each.kind) && reader.text.startsWith(each.prefix, at));
      if (entry === undefined) continue;
      const end = tokenEnd(reader, at + entry.prefix.length, entry.also ?? '');
      const length = end - at - entry.prefix.length;
      if (length >= entry.least && (entry.most === undefined || length <= entry.most) && (entry.kind !== 'jwt' || isJwt(reader, at, end)))
        found.push({ start: at, end, kind: entry.kind });
      at = Math.max(at, end - 1);
    }
    return found;
  };
}

function tokenEnd(reader: Reader, start: number, also: string): number {
  let end = start;
  while (isTokenPart(reader.at(end)) || (also !== '' && also.includes(reader.text[end] ?? ' '))) end += 1;
  // A dot at the end of a sentence is not a part of a token.
  while (end > start && reader.text[end - 1] === '.') end -= 1;
  return end;
}

/** Three parts, the first two of them objects in base64. */
function isJwt(reader: Reader, start: number, end: number): boolean {
  const head = reader.slice(start, Math.min(end, start + 4096));
  const dots = head.split('.', 4);
  return dots.length >= 2 && dots[1]?.startsWith('eyJ') === true;
}

const BEGIN = '-----BEGIN ';
const MAX_KEY_CHARS = 8192;

/** Private keys in PEM, up to their end, or up to where the text ends. */
export const findPrivateKeys: Detector = (reader) => {
  const found: Finding[] = [];
  for (let at = reader.text.indexOf(BEGIN); at >= 0; at = reader.text.indexOf(BEGIN, at + 1)) {
    const label = reader.slice(at + BEGIN.length, at + BEGIN.length + 40);
    if (!/^(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/.test(label)) continue;
    const body = reader.slice(at, at + MAX_KEY_CHARS);
    const foot = body.indexOf('-----END ');
    const close = foot < 0 ? -1 : body.indexOf('-----', foot + 9);
    const end = at + (close < 0 ? body.length : close + 5);
    found.push({ start: at, end, kind: 'private-key' });
    at = end - 1;
  }
  return found;
};
