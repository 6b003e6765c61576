import type { EndpointState } from '@maru/api/wire';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import { HitBar, ShareBar } from './bars.tsx';
import { BreakerTag } from './breaker-tag.tsx';
import type { Column } from './data-table.tsx';
import { FirstTokenTimes } from './first-token-times.tsx';
import { SimulatedTag, StateTag, Tag } from './tag.tsx';

const KV_WARN = 0.85;

/** Columns of a table of endpoints: load, cache truth and speed. */
export function useEndpointColumns(): readonly Column<EndpointState>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: 'endpoint',
      header: t('endpoints.endpoint'),
      cell: (row) => (
        <span className="inline-flex items-center gap-2 align-middle">
          <span className="font-medium">{row.endpoint}</span>
          {row.simulated ? <SimulatedTag /> : null}
          {row.role === undefined ? null : <Tag tone="outline">{t(`endpoints.role.${row.role}`)}</Tag>}
          {row.state === 'ready' || row.breaker.state === 'open' ? null : <StateTag state={row.state} />}
          <BreakerTag breaker={row.breaker} />
        </span>
      ),
    },
    { id: 'provider', header: t('endpoints.engine'), className: 'text-second', cell: (row) => row.provider },
    { id: 'running', header: t('endpoints.running'), align: 'right', cell: (row) => format.number(row.running) },
    {
      id: 'waiting',
      header: t('endpoints.waiting'),
      align: 'right',
      cell: (row) => <span className={(row.waiting ?? 0) > 0 ? 'font-medium text-amber' : ''}>{format.number(row.waiting)}</span>,
    },
    { id: 'kv', className: 'pl-5!', header: t('endpoints.kv'), cell: (row) => <ShareBar share={row.kvUse} warnAt={KV_WARN} /> },
    { id: 'hit', header: t('endpoints.hit'), cell: (row) => <HitBar expected={row.expectedHit} realised={row.realisedHit} /> },
    {
      id: 'ttft',
      header: t('endpoints.ttft'),
      align: 'right',
      cell: (row) => <FirstTokenTimes endpoint={row} />,
    },
    {
      id: 'errors',
      header: t('endpoints.errors'),
      align: 'right',
      cell: (row) => (
        <span className={row.errors > 0 ? 'text-red' : ''}>
          {format.number(row.errors)}
          <span className="text-third"> / {format.number(row.requests)}</span>
        </span>
      ),
    },
    { id: 'price', header: t('endpoints.price'), align: 'right', cell: (row) => format.usd(row.usdPerMillionOutput) },
  ];
}
