import type { PrefixPlaces } from '@maru/api/wire';
import { Bar } from '../../components/bars.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** How much of a prompt each endpoint holds from its beginning, most first. */
export function PlacesView({ places }: { readonly places: PrefixPlaces }) {
  const t = useT();
  const format = useFormat();
  if (places.blocks === 0)
    return <p className="px-4 pb-3 text-12 text-second">{t('routing.tooShort', { tokens: format.number(places.promptTokens), n: places.blockTokens })}</p>;
  const rows = places.endpoints.toSorted((left, right) => right.cachedTokens - left.cachedTokens);
  return (
    <>
      {rows.every(({ cachedTokens }) => cachedTokens === 0) ? <p className="px-4 pb-1 text-12 text-second">{t('routing.heldNowhere')}</p> : null}
      <ul className="flex flex-col gap-1.5 px-4 pb-3">
        {rows.map(({ endpoint, cachedTokens, source }) => (
          <li key={endpoint} className="grid grid-cols-[minmax(96px,30%)_1fr_112px] items-center gap-3 text-12">
            <span className={`truncate ${cachedTokens > 0 ? 'font-medium' : 'text-third'}`}>{endpoint}</span>
            <Bar share={cachedTokens / Math.max(1, places.promptTokens)} className="w-full" />
            <span
              className="figure text-right text-second"
              title={`${t('routing.tokensOf', { held: format.number(cachedTokens), tokens: format.number(places.promptTokens) })}, ${t(source === 'events' ? 'routing.fromEvents' : 'routing.fromDecisions')}`}
            >
              {t('routing.holds', { held: format.number(Math.floor(cachedTokens / places.blockTokens)), blocks: format.number(places.blocks) })}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
