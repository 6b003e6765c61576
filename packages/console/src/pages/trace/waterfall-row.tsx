import { Icon } from '../../components/icon.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { SPAN_COLOURS } from './span-colours.ts';
import type { SpanRow } from './span-tree.ts';

interface WaterfallRowProps {
  readonly row: SpanRow;
  readonly bounds: { readonly startMs: number; readonly endMs: number };
  readonly chosen: boolean;
  readonly collapsed: boolean;
  readonly onChoose: () => void;
  readonly onToggle: () => void;
}

const INDENT_PX = 16;
const MIN_WIDTH = 0.4;
/** The rest of the column is left for the time at the end of the longest bar. */
const SCALE = 86;

/** One span: name at its depth, kind, bar and money. */
export function WaterfallRow({ row: { span, depth, children }, bounds, chosen, collapsed, onChoose, onToggle }: WaterfallRowProps) {
  const t = useT();
  const format = useFormat();
  const length = bounds.endMs - bounds.startMs;
  const endMs = span.endMs ?? bounds.endMs;
  const left = ((span.startMs - bounds.startMs) / length) * SCALE;
  const width = Math.max(MIN_WIDTH, ((endMs - span.startMs) / length) * SCALE);
  const failed = span.status === 'error';
  return (
    <tr data-link="true" data-chosen={chosen} onClick={onChoose}>
      <td>
        <span className="flex items-center gap-1.5" style={{ paddingLeft: depth * INDENT_PX }}>
          {children === 0 ? (
            <span className="w-4" />
          ) : (
            <button
              type="button"
              aria-expanded={!collapsed}
              aria-label={t('trace.children', { n: children })}
              className="flex size-4 items-center justify-center text-third hover:text-ink"
              onClick={(event) => {
                event.stopPropagation();
                onToggle();
              }}
            >
              <Icon name={collapsed ? 'chevronRight' : 'chevronDown'} size={12} />
            </button>
          )}
          <span aria-hidden="true" className={`size-2 shrink-0 rounded-mark ${SPAN_COLOURS[span.kind]}`} />
          <button
            type="button"
            aria-pressed={chosen}
            className={`max-w-[420px] truncate text-left hover:underline ${chosen ? 'font-medium' : ''}`}
            onClick={onChoose}
          >
            {span.name}
          </button>
          {failed ? (
            <span className="text-red" title={span.statusMessage}>
              <Icon name="error" size={12} />
              <span className="sr-only">{t('state.error')}</span>
            </span>
          ) : null}
        </span>
      </td>
      <td className="text-12 text-second">{t(`span.${span.kind}`)}</td>
      <td>
        <span className="relative block h-4">
          <span
            aria-hidden="true"
            className={`absolute top-1 h-2 rounded-mark ${failed ? 'bg-red' : SPAN_COLOURS[span.kind]} ${span.endMs === null ? 'opacity-60' : ''}`}
            style={{ left: `${left}%`, width: `${width}%` }}
          />
          <span className="absolute top-0 figure text-11 leading-4 whitespace-nowrap text-second" style={{ left: `${left + width}%`, paddingLeft: 6 }}>
            {span.endMs === null ? t('trace.open') : format.duration(span.endMs - span.startMs)}
          </span>
        </span>
      </td>
      <td className="text-right!">
        {span.costNanoUsd === undefined || span.costNanoUsd === null ? <span className="text-third">–</span> : format.nano(span.costNanoUsd)}
      </td>
    </tr>
  );
}
