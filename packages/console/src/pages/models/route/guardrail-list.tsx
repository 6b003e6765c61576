import type { RouteGuardrail } from '@maru/api/resources';
import { Tag, type Tone } from '../../../components/tag.tsx';
import { useT } from '../../../i18n/index.ts';

const TONES: Readonly<Record<RouteGuardrail['action'], Tone>> = { block: 'outline', mask: 'plain', flag: 'plain' };

/** The guardrails of a route in their order: what, when, and what happens. */
export function GuardrailList({ guardrails }: { readonly guardrails: readonly RouteGuardrail[] }) {
  const t = useT();
  return guardrails.map((guardrail) => (
    <div key={guardrail.name} className="flex min-h-7 flex-wrap items-center gap-x-2 px-4 text-12">
      <span className="font-medium">{guardrail.name}</span>
      <span className="text-second">{t(`guard.type.${guardrail.type}`)}</span>
      <Tag tone={TONES[guardrail.action]}>{t(`guard.action.${guardrail.action}`)}</Tag>
      <span className="text-third">{guardrail.at.map((stage) => t(`guard.at.${stage}`)).join(', ')}</span>
      {'onFailure' in guardrail ? <span className="text-third">· {t(`guard.onFailure.${guardrail.onFailure}`, { budget: guardrail.budget })}</span> : null}
      {guardrail.default ? null : <span className="text-third">· {t('guard.onAsk')}</span>}
    </div>
  ));
}
