import type { EndpointState } from '@maru/api/wire';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';

/** Median and 95th percentile of the first tokens of an endpoint; where nothing was streamed, those of its whole answers. */
export function FirstTokenTimes({ endpoint }: { readonly endpoint: EndpointState }) {
  const t = useT();
  const format = useFormat();
  const { ttftP50Ms, ttftP95Ms, answerP50Ms, answerP95Ms } = endpoint;
  if (ttftP50Ms === null && answerP50Ms !== null)
    return (
      <span className="text-second" title={t('endpoints.wholeHint')}>
        {t('endpoints.whole', { p50: format.duration(answerP50Ms), p95: format.duration(answerP95Ms) })}
      </span>
    );
  return (
    <span>
      <span className="text-third">{format.duration(ttftP50Ms)} · </span>
      {format.duration(ttftP95Ms)}
    </span>
  );
}
