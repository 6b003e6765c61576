import { type Column, formatListing, type Output } from '../output.ts';
import type { SimulatedTenant, SimulateRow } from '../ports.ts';

interface FormatOptions {
  readonly timing: boolean;
  readonly output: Output;
}

/** The result of a simulation as text: a table, in which tenants follow in one of their own, or everything as JSON or YAML. */
export function formatSimulation(rows: readonly SimulateRow[], { timing, output }: FormatOptions): string {
  const listing = formatListing({ rows, columns: timing ? columnsOf(rows) : UNTIMED }, output);
  const tenants = rows.flatMap((row) => (row.tenants ?? []).map((tenant) => ({ row, tenant })));
  return output !== 'table' || tenants.length === 0 ? listing : `${listing}\n${formatListing({ rows: tenants, columns: TENANTS }, output)}`;
}

const columnsOf = (rows: readonly SimulateRow[]): readonly Column<SimulateRow>[] => [
  ...TIMED,
  ...(rows.some((row) => row.scaling !== undefined) ? FLEET : []),
  ...(rows.some((row) => row.flow !== undefined) ? FLOW : []),
  ...(rows.some((row) => row.fairness !== undefined) ? FAIRNESS : []),
];

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)}%`);
const fixed = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
const POLICY: readonly Column<SimulateRow>[] = [
  { title: 'replicas', value: (row) => row.replicas, align: 'right' },
  { title: 'kv blocks', value: (row) => row.kvBlocks, align: 'right' },
  { title: 'policy', value: (row) => (row.collapsed ? `${row.policy} (collapsed)` : row.policy) },
  { title: 'requests', value: (row) => row.requests, align: 'right' },
];
const UNTIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'hit rate', value: (row) => row.hitRate.toFixed(3), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
];
const TIMED: readonly Column<SimulateRow>[] = [
  ...POLICY,
  { title: 'offered/s', value: (row) => fixed(row.offeredPerSecond, 2), align: 'right' },
  { title: 'refused', value: (row) => percent(row.refused), align: 'right' },
  { title: 'hit rate', value: (row) => percent(row.hitRate), align: 'right' },
  { title: 'imbalance', value: (row) => fixed(row.imbalance, 2), align: 'right' },
  { title: 'ttft mean ms', value: (row) => fixed(row.ttftMeanMs, 0), align: 'right' },
  { title: 'ttft p95 ms', value: (row) => fixed(row.ttftP95Ms, 0), align: 'right' },
  { title: 'itl ms', value: (row) => fixed(row.itlMeanMs, 1), align: 'right' },
  { title: 'goodput', value: (row) => percent(row.goodput), align: 'right' },
  { title: 'tokens/s', value: (row) => fixed(row.tokensPerSecond, 0), align: 'right' },
  { title: '$/1M tokens', value: (row) => fixed(row.usdPerMillionTokens, 3), align: 'right' },
];
const FLEET: readonly Column<SimulateRow>[] = [
  { title: 'scaling', value: (row) => row.scaling },
  { title: 'gpu hours', value: (row) => fixed(row.gpuHours ?? null, 2), align: 'right' },
  { title: 'ups', value: (row) => row.scaleUps, align: 'right' },
  { title: 'downs', value: (row) => row.scaleDowns, align: 'right' },
  { title: 'begun anew', value: (row) => row.retried, align: 'right' },
];
const FLOW: readonly Column<SimulateRow>[] = [
  { title: 'flow', value: (row) => row.flow },
  { title: 'waited', value: (row) => percent(row.waited ?? null), align: 'right' },
  { title: 'wait ms', value: (row) => fixed(row.waitMeanMs ?? null, 0), align: 'right' },
  { title: 'wait p95 ms', value: (row) => fixed(row.waitP95Ms ?? null, 0), align: 'right' },
  { title: 'shed', value: (row) => shedText(row.shed ?? {}) },
];
const FAIRNESS: readonly Column<SimulateRow>[] = [{ title: 'fairness', value: (row) => fixed(row.fairness ?? null, 2), align: 'right' }];
const TENANTS: readonly Column<{ readonly row: SimulateRow; readonly tenant: SimulatedTenant }>[] = [
  { title: 'replicas', value: ({ row }) => row.replicas, align: 'right' },
  { title: 'policy', value: ({ row }) => row.policy },
  { title: 'offered/s', value: ({ row }) => fixed(row.offeredPerSecond, 2), align: 'right' },
  { title: 'flow', value: ({ row }) => row.flow },
  { title: 'tenant', value: ({ tenant }) => tenant.tenant },
  { title: 'priority', value: ({ tenant }) => tenant.priority, align: 'right' },
  { title: 'requests', value: ({ tenant }) => tenant.requests, align: 'right' },
  { title: 'refused', value: ({ tenant }) => percent(tenant.refused), align: 'right' },
  { title: 'goodput', value: ({ tenant }) => percent(tenant.goodput), align: 'right' },
  { title: 'ttft p95 ms', value: ({ tenant }) => fixed(tenant.ttftP95Ms, 0), align: 'right' },
  { title: 'wait ms', value: ({ tenant }) => fixed(tenant.waitMeanMs, 0), align: 'right' },
];

const shedText = (shed: Readonly<Record<string, number>>): string =>
  Object.entries(shed)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
