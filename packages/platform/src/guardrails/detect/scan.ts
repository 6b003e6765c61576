import { findIbans, findIpAddresses, findKoreanPassports, findMrz } from './documents.ts';
import { findEmails } from './emails.ts';
import { findAwsSecrets, findRandomWords } from './entropy.ts';
import type { Detector, Finding, Reader } from './finding.ts';
import { findNumbers } from './numbers.ts';
import { findPrivateKeys, findTokens } from './secrets.ts';

const PII: Readonly<Record<string, Detector>> = {
  email: findEmails,
  iban: findIbans,
  'ip-address': findIpAddresses,
  'kr-passport': findKoreanPassports,
  'passport-mrz': findMrz,
};

/** Personal data of the given kinds. */
export function piiDetectors(kinds: readonly string[]): readonly Detector[] {
  return [findNumbers(new Set(kinds)), ...kinds.flatMap((kind) => PII[kind] ?? [])];
}

const SECRETS: Readonly<Record<string, Detector>> = {
  'private-key': findPrivateKeys,
  'aws-secret-key': findAwsSecrets,
  'high-entropy': findRandomWords,
};

/** Keys and tokens of the given kinds. Random words come last: a named kind wins over them. */
export function secretDetectors(kinds: readonly string[]): readonly Detector[] {
  return [findTokens(new Set(kinds)), ...Object.keys(SECRETS).flatMap((kind) => (kinds.includes(kind) ? (SECRETS[kind] ?? []) : []))];
}

/** What the detectors find, from left to right and without overlap; of two that overlap the one of the earlier detector stays. */
export function scan(reader: Reader, detectors: readonly Detector[]): readonly Finding[] {
  const all = detectors.flatMap((detect, rank) => detect(reader).map((finding) => ({ ...finding, rank })));
  if (all.length < 2) return all;
  all.sort((left, right) => left.start - right.start || left.rank - right.rank);
  const kept: (Finding & { readonly rank: number })[] = [];
  for (const finding of all) {
    const last = kept.at(-1);
    if (last === undefined || finding.start >= last.end) kept.push(finding);
    else if (finding.rank < last.rank) kept[kept.length - 1] = finding;
  }
  return kept;
}
