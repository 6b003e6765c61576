import type { Quota } from '../../quota.ts';
import { counts } from '../../quota-store.ts';

/** What counted at one moment, per machine. */
export type Standing = ReadonlyMap<string, number>;

/** What is really used of every quota, counted by itself and not by the code that is under test. */
export interface Truth {
  add(quota: Quota, machine: string, of: { readonly startMs: number; readonly amount: number }): void;
  /** What counts now. */
  total(quota: Quota): number;
  standing(quota: Quota): Standing;
  /**
   * The most that counted since `fromMs`, given what counted then: `apart` takes every machine at its own highest moment,
   * `atOnce` the highest moment of all together.
   */
  highest(quota: Quota, fromMs: number, then: Standing): { readonly apart: number; readonly atOnce: number };
}

interface Peak {
  readonly atMs: number;
  readonly machine: string;
  readonly ofMachine: number;
  readonly ofAll: number;
}

const REMEMBER_MS = 5000;
const HOUR_MS = 3_600_000;

/** `shownMs` is what the store of a quota shows: its clock may be another one. */
export function createTruth(nowMs: () => number, shownMs: (quota: Quota) => number): Truth {
  const amounts = new Map<string, Map<string, Map<number, number>>>();
  const peaks = new Map<string, Peak[]>();

  const ofMachine = (quota: Quota, buckets: Map<number, number>): number => {
    let sum = 0;
    for (const [startMs, amount] of buckets) {
      if (quota.rolling !== undefined && !counts(quota, startMs, shownMs(quota))) buckets.delete(startMs);
      else if (quota.rolling !== undefined || isWindowOfNow(quota, startMs, shownMs(quota))) sum += amount;
    }
    return sum;
  };
  const standing = (quota: Quota): Standing => new Map([...(amounts.get(quota.id) ?? [])].map(([machine, buckets]) => [machine, ofMachine(quota, buckets)]));
  const sumOf = (all: Standing): number => [...all.values()].reduce((sum, each) => sum + each, 0);

  return {
    standing,
    total: (quota) => sumOf(standing(quota)),
    add(quota, machine, { startMs, amount }) {
      const machines = amounts.get(quota.id) ?? new Map<string, Map<number, number>>();
      amounts.set(quota.id, machines);
      const buckets = machines.get(machine) ?? new Map<number, number>();
      machines.set(machine, buckets);
      buckets.set(startMs, (buckets.get(startMs) ?? 0) + amount);
      if (amount <= 0) return;
      const now = nowMs();
      const known = (peaks.get(quota.id) ?? []).filter((peak) => peak.atMs >= now - REMEMBER_MS);
      known.push({ atMs: now, machine, ofMachine: ofMachine(quota, buckets), ofAll: sumOf(standing(quota)) });
      peaks.set(quota.id, known);
    },
    highest(quota, fromMs, then) {
      const now = standing(quota);
      const most = new Map<string, number>();
      for (const all of [then, now]) for (const [machine, amount] of all) most.set(machine, Math.max(most.get(machine) ?? 0, amount));
      let atOnce = Math.max(sumOf(then), sumOf(now));
      for (const peak of peaks.get(quota.id) ?? []) {
        if (peak.atMs < fromMs) continue;
        most.set(peak.machine, Math.max(most.get(peak.machine) ?? 0, peak.ofMachine));
        atOnce = Math.max(atOnce, peak.ofAll);
      }
      return { apart: sumOf(most), atOnce };
    },
  };
}

/** The simulation has calendar windows of an hour, windows without end, and places, which have none. */
const isWindowOfNow = (quota: Quota, startMs: number, nowMs: number): boolean => quota.window !== 'hour' || startMs === Math.floor(nowMs / HOUR_MS) * HOUR_MS;
