import type { UsageBucket } from '@maru/api/records';
import type { ModelPrice } from '@maru/api/wire';
import { useFormat } from '../../format/use-format.ts';
import { type MessageKey, useT } from '../../i18n/index.ts';

/** Buckets that most models have: shown also where their price is unknown. */
const USUAL = ['inputTokens', 'cacheReadTokens', 'outputTokens', 'reasoningTokens'] as const satisfies readonly UsageBucket[];

/** A region that scrolls must be reachable with the keyboard. */
const SCROLLS = { tabIndex: 0 } as const;

const UNITS: Readonly<Partial<Record<UsageBucket, 'image' | 'second' | 'thousand' | 'characters'>>> = {
  images: 'image',
  mediaMs: 'second',
  searchUnits: 'thousand',
  webSearches: 'thousand',
  characters: 'characters',
};

/** Prices by bucket, with the tiers of long prompts beside them, and who says so. */
export function PriceFacts({ price }: { readonly price: ModelPrice | null }) {
  const t = useT();
  const format = useFormat();
  if (price === null) return <p className="text-12 text-amber">{t('models.priceUnknown')}</p>;
  const listed = Object.keys(price.usd) as UsageBucket[];
  const buckets: readonly UsageBucket[] = [...USUAL, ...listed.filter((bucket) => !USUAL.some((usual) => usual === bucket))];
  const usd = (amount: number | undefined) => (amount === undefined ? <span className="text-third">{t('models.unknown')}</span> : format.usd(amount));
  return (
    <div className="flex flex-col gap-2">
      <div className="relative -mx-4 overflow-x-auto focus-visible:-outline-offset-2" {...SCROLLS}>
        <table className="table">
          <caption className="sr-only">{t('models.price')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('models.bucket')}</th>
              <th scope="col" className="text-right!">
                {price.above.length === 0 ? t('models.perMillion') : t('models.upTo', { n: format.compact(price.above[0]?.promptTokens) })}
              </th>
              {price.above.map((tier) => (
                <th key={tier.promptTokens} scope="col" className="text-right!">
                  {t('models.over', { n: format.compact(tier.promptTokens) })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket) => {
              const unit = UNITS[bucket];
              return (
                <tr key={bucket}>
                  <td className="text-12 text-second">
                    {t(`bucket.${bucket}` satisfies MessageKey)}
                    {unit === undefined ? null : <span className="text-third"> · {t(`models.unit.${unit}`)}</span>}
                  </td>
                  <td className="text-right! text-12">{usd(price.usd[bucket])}</td>
                  {price.above.map((tier) => (
                    <td key={tier.promptTokens} className="text-right! text-12">
                      {usd(tier.usd[bucket] ?? price.usd[bucket])}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="text-11 text-third">
        {price.source === 'model' ? t('models.priceOfModel') : t('models.priceSource', { source: price.source })}
        {price.batchPercent === null ? null : <> · {t('models.batchPercent', { percent: format.percent(price.batchPercent / 100) })}</>}
      </p>
    </div>
  );
}
