import type { Span } from '@maru/api/records';
import { useState } from 'react';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { spanRows, traceBounds } from './span-tree.ts';
import { WaterfallRow } from './waterfall-row.tsx';

interface WaterfallProps {
  readonly spans: readonly Span[];
  readonly chosen: string | undefined;
  readonly onChoose: (spanId: string) => void;
}

const SCROLLS = { tabIndex: 0 } as const;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;

/** Spans in their order, each with a bar where its time lies in the whole. */
export function Waterfall({ spans, chosen, onChoose }: WaterfallProps) {
  const t = useT();
  const format = useFormat();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const bounds = traceBounds(spans);
  const rows = spanRows(spans, collapsed);
  const toggle = (id: string): void => {
    const next = new Set(collapsed);
    if (!next.delete(id)) next.add(id);
    setCollapsed(next);
  };
  return (
    <section className="relative overflow-x-auto focus-visible:-outline-offset-2" aria-label={t('trace.waterfall')} {...SCROLLS}>
      <table className="table min-w-[680px]">
        <caption className="sr-only">{t('trace.waterfall')}</caption>
        <thead>
          <tr>
            <th scope="col" className="w-[38%]">
              {t('trace.span')}
            </th>
            <th scope="col" className="w-[12%]">
              {t('trace.kind')}
            </th>
            <th scope="col">
              <span className="sr-only">{t('traces.time')}</span>
              <span aria-hidden="true" className="figure flex w-[86%] justify-between">
                {TICKS.map((tick) => (
                  <span key={tick}>{format.duration((bounds.endMs - bounds.startMs) * tick)}</span>
                ))}
              </span>
            </th>
            <th scope="col" className="w-[88px] text-right!">
              {t('common.cost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <WaterfallRow
              key={row.span.spanId}
              row={row}
              bounds={bounds}
              chosen={row.span.spanId === chosen}
              collapsed={collapsed.has(row.span.spanId)}
              onChoose={() => onChoose(row.span.spanId)}
              onToggle={() => toggle(row.span.spanId)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}
