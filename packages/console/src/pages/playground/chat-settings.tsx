import { useId } from 'react';
import { TextArea } from '../../components/field.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

export interface ChatSettingsProps {
  readonly system: string;
  /** Undefined leaves the choice to the model. */
  readonly temperature: number | undefined;
  readonly onSystem: (system: string) => void;
  readonly onTemperature: (temperature: number | undefined) => void;
}

/** What is sent along with every question. */
export function ChatSettings({ system, temperature, onSystem, onTemperature }: ChatSettingsProps) {
  const t = useT();
  const format = useFormat();
  const id = useId();
  return (
    <div className="float-in mb-3 grid gap-4 column:grid-cols-[1fr_200px]">
      <TextArea
        label={t('playground.system')}
        rows={3}
        value={system}
        onChange={(event) => onSystem(event.target.value)}
        placeholder={t('playground.systemPlaceholder')}
      />
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="flex text-12 text-second">
          {t('playground.temperature')}
          <span className="ml-auto">{temperature === undefined ? t('playground.temperatureDefault') : format.decimal(temperature, 1)}</span>
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={2}
          step={0.1}
          className="h-7 accent-accent"
          value={temperature ?? 1}
          onChange={(event) => onTemperature(Number(event.target.value))}
        />
        {temperature === undefined ? null : (
          <button type="button" className="self-start text-11 text-accent hover:underline" onClick={() => onTemperature(undefined)}>
            {t('playground.temperatureReset')}
          </button>
        )}
      </div>
    </div>
  );
}
