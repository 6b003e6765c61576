import { durationToMs } from '@maru/api/resources';

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNIT_MS;

/**
 * A duration of Maru (`7d`, `1.5h`) in whole numbers of the units that a Kubernetes kind allows, rounded up to the smallest of them.
 * Karpenter knows no milliseconds, its budgets no seconds, and the Gateway API no more than five digits.
 */
export function toKubeDuration(duration: string, units: readonly Unit[]): string {
  const smallest = units.at(-1) ?? 's';
  let left = Math.ceil(durationToMs(duration) / UNIT_MS[smallest]) * UNIT_MS[smallest];
  let text = '';
  for (const unit of units) {
    const count = Math.floor(left / UNIT_MS[unit]);
    left -= count * UNIT_MS[unit];
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? `0${smallest}` : text;
}
