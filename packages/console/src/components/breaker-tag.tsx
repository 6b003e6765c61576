import type { EndpointState } from '@maru/api/wire';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import { Tag } from './tag.tsx';

/** The circuit breaker of an endpoint in words; nothing while it is closed and without failures. */
export function BreakerTag({ breaker }: { readonly breaker: EndpointState['breaker'] }) {
  const t = useT();
  const format = useFormat();
  const { state, ejected, restsMs, failures, share } = breaker;
  if (state === 'open') return <Tag tone="red">{t(ejected ? 'breaker.ejected' : 'breaker.open', { time: format.duration(restsMs) })}</Tag>;
  if (state === 'half-open') return <Tag tone="amber">{t('breaker.halfOpen')}</Tag>;
  if (state === 'returning') return <Tag tone="amber">{t('breaker.returning', { share: format.percent(share) })}</Tag>;
  return failures === 0 ? null : <Tag tone="amber">{t('breaker.failures', { n: format.number(failures) })}</Tag>;
}
