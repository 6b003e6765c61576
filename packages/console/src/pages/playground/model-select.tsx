import type { ServedModel } from '@maru/api/wire';
import { useT } from '../../i18n/index.ts';

interface ModelSelectProps {
  readonly models: readonly ServedModel[];
  readonly value: string | undefined;
  readonly onChange: (id: string) => void;
}

const KINDS = ['agent', 'route', 'model'] as const;

/** Everything that can be asked, by kind; simulated models say so. */
export function ModelSelect({ models, value, onChange }: ModelSelectProps) {
  const t = useT();
  return (
    <select
      aria-label={t('playground.model')}
      className="control max-w-[220px] appearance-none border-transparent bg-[length:12px] bg-[position:right_8px_center] bg-no-repeat pr-6 font-medium"
      style={{ backgroundImage: 'var(--chevron)' }}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value)}
    >
      {KINDS.map((kind) => (
        <optgroup key={kind} label={t(`models.kinds.${kind}`)}>
          {models
            .filter((model) => model.kind === kind)
            .map((model) => (
              <option key={model.id} value={model.id}>
                {model.simulated ? `${model.id} (${t('common.simulated')})` : model.id}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}
