import type { TenantResult } from '../result.ts';
import { rowName, type SweepRow } from '../sweep-rows.ts';
import { percent } from './percent.ts';
import { escapeHtml } from './svg-chart.ts';

const COLUMNS: readonly (readonly [title: string, value: (tenant: TenantResult) => string])[] = [
  ['priority', ({ priority }) => String(priority)],
  ['requests', ({ requests }) => String(requests)],
  ['refused', ({ refused, requests }) => percent(refused / requests)],
  ['goodput', ({ withinSlo }) => (withinSlo === null ? '–' : percent(withinSlo))],
  ['ttft mean ms', ({ ttftMs }) => whole(ttftMs.mean)],
  ['ttft p95 ms', ({ ttftMs }) => whole(ttftMs.p95)],
  ['wait ms', ({ waitMs }) => whole(waitMs)],
];

const whole = (value: number | null): string => (value === null ? '–' : value.toFixed(0));

/** What became of each tenant, with the first seed; nothing where the trace names none. */
export function tenantTable(rows: readonly SweepRow[]): string {
  const lines = rows.flatMap((row) =>
    (row.sample.tenants?.each ?? []).map((tenant) => {
      const head = [rowName(row), (row.values.offeredPerS?.mean ?? 0).toFixed(2), tenant.tenant];
      return `<tr>${[...head, ...COLUMNS.map(([, value]) => value(tenant))].map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`;
    }),
  );
  if (lines.length === 0) return '';
  const titles = ['policy', 'requests/s', 'tenant', ...COLUMNS.map(([title]) => title)];
  return `<h2>Tenants</h2><p>With the first seed. Higher priorities go first. Fairness is Jain's index over what each tenant got of its max-min fair share of the tokens that were served in time: 1 where everybody got it, 1/n where one of n got everything.</p><div class="scroll"><table><thead><tr>${titles.map((title) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}
