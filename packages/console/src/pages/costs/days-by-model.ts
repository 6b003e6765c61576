import type { Costs } from '@maru/api/wire';
import type { Layer } from '../../components/chart/stack-series.ts';

/** Rows of days and models as layers over the same days; a day is `2026-09-23` in UTC. */
export function daysByModel(rows: Costs['rows'], toUnit: (nano: number) => number): { readonly days: readonly number[]; readonly layers: readonly Layer[] } {
  const days = [...new Set(rows.map((row) => row.group))].filter((day) => !Number.isNaN(Date.parse(day))).toSorted();
  const models = [...new Set(rows.map((row) => row.label))];
  const cost = new Map(rows.map((row) => [`${row.group} ${row.label}`, row.costNanoUsd]));
  const layers = models.map((model) => ({ label: model, values: days.map((day) => toUnit(cost.get(`${day} ${model}`) ?? 0)) }));
  return { days: days.map((day) => Date.parse(day)), layers };
}
