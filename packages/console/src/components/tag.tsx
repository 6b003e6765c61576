import type { ReactNode } from 'react';
import { type MessageKey, useT } from '../i18n/index.ts';
import { classNames } from './class-names.ts';

const TONES = {
  plain: 'bg-chosen text-second',
  accent: 'bg-accent-ground text-accent',
  amber: 'bg-amber-ground text-amber',
  red: 'bg-red-ground text-red',
  outline: 'border border-control-line text-second',
} as const;
export type Tone = keyof typeof TONES;

/** A word that says a state; colour only where someone should look. */
export function Tag({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={classNames('inline-flex h-[18px] items-center rounded-tag px-1.5 text-11 whitespace-nowrap', TONES[tone])}>{children}</span>;
}

/** Stands wherever a simulated thing does: no GPU worked for it. */
export function SimulatedTag() {
  const t = useT();
  return (
    <span
      title={t('common.simulatedHint')}
      className="inline-flex h-[18px] items-center rounded-tag border border-dashed border-third px-1.5 text-11 whitespace-nowrap text-second"
    >
      {t('common.simulated')}
    </span>
  );
}

const STATE_TONES: Readonly<Record<string, Tone>> = {
  failed: 'red',
  fail: 'red',
  error: 'red',
  Failed: 'red',
  cooling: 'amber',
  waiting: 'amber',
  Degraded: 'amber',
  running: 'accent',
  draining: 'accent',
  queued: 'plain',
  Pending: 'accent',
  Deleting: 'accent',
};

const STATES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'ok',
  'error',
  'unset',
  'pass',
  'fail',
  'ready',
  'cooling',
  'draining',
  'indexed',
  'Pending',
  'Ready',
  'Degraded',
  'Failed',
  'Deleting',
] as const;

/** The word of a state; healthy states are plain text, without a ground. */
export function StateTag({ state }: { readonly state: string }) {
  const t = useT();
  const known = STATES.find((name) => name === state);
  const word = known === undefined ? state : t(`state.${known}` satisfies MessageKey);
  const tone = STATE_TONES[state];
  return tone === undefined ? <span className="text-12 text-second">{word}</span> : <Tag tone={tone}>{word}</Tag>;
}
