import { ROUTER_POLICIES } from '@maru/api/resources';
import { Tag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import type { SimulationForm } from './simulation-form.ts';

interface PolicyChoiceProps {
  readonly chosen: SimulationForm['policies'];
  readonly error: string | undefined;
  readonly onChange: (policies: SimulationForm['policies']) => void;
}

/** Policies to compare, in the order in which they were chosen. */
export function PolicyChoice({ chosen, error, onChange }: PolicyChoiceProps) {
  const t = useT();
  return (
    <fieldset className="column:col-span-2">
      <legend className="pb-1 text-12 text-second">{t('sim.policies')}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-1 column:grid-cols-3">
        {ROUTER_POLICIES.map((policy) => (
          <label key={policy} className="flex min-h-6 items-center gap-2 text-12">
            <input
              type="checkbox"
              className="accent-accent"
              checked={chosen.includes(policy)}
              onChange={(event) => onChange(event.target.checked ? [...chosen, policy] : chosen.filter((name) => name !== policy))}
            />
            {policy}
            {chosen[0] === policy ? <Tag>{t('sim.baseline')}</Tag> : null}
          </label>
        ))}
      </div>
      <p className={`pt-1 text-11 ${error === undefined ? 'text-third' : 'text-red'}`}>{error ?? t('sim.policiesHint')}</p>
    </fieldset>
  );
}
