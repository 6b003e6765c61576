import { useId } from 'react';
import { API_NAMES, ASK_APIS } from '../../api/ask/ask.ts';
import { Button } from '../../components/button.tsx';
import { TextArea } from '../../components/field.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { type AskSettings, EXAMPLE_SCHEMA, EXAMPLE_TOOLS, readImage, readSettings } from './ask-settings.ts';

export interface ChatSettingsProps {
  readonly settings: AskSettings;
  readonly onChange: (settings: AskSettings) => void;
}

/** Which API is spoken, and what is sent along with every question. */
export function ChatSettings({ settings, onChange }: ChatSettingsProps) {
  const t = useT();
  const set = (change: Partial<AskSettings>): void => onChange({ ...settings, ...change });
  const { wrong } = readSettings(settings);
  return (
    <div className="float-in mb-3 flex max-h-[52vh] flex-col gap-3 overflow-y-auto">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Segmented
          label={t('playground.api')}
          value={settings.api}
          choices={ASK_APIS.map((value) => ({ value, label: API_NAMES[value] }))}
          onChange={(api) => set({ api })}
        />
        <label className="flex h-7 items-center gap-2 text-12 text-second">
          <input type="checkbox" className="accent-accent" checked={settings.stream} onChange={(event) => set({ stream: event.target.checked })} />
          {t('playground.stream')}
        </label>
        <ImageField settings={settings} onImage={(image) => set({ image })} />
      </div>
      <div className="grid gap-4 column:grid-cols-[1fr_200px]">
        <TextArea
          label={t('playground.system')}
          rows={2}
          value={settings.system}
          onChange={(event) => set({ system: event.target.value })}
          placeholder={t('playground.systemPlaceholder')}
        />
        <Temperature value={settings.temperature} onChange={(temperature) => set({ temperature })} />
      </div>
      <div className="grid gap-4 column:grid-cols-2">
        <JsonField
          label={t('playground.tools')}
          value={settings.tools}
          example={EXAMPLE_TOOLS}
          error={wrong.includes('tools') ? t('playground.toolsWrong') : undefined}
          onChange={(tools) => set({ tools })}
        />
        <JsonField
          label={t('playground.schema')}
          value={settings.schema}
          example={EXAMPLE_SCHEMA}
          error={wrong.includes('schema') ? t('playground.schemaWrong') : undefined}
          onChange={(schema) => set({ schema })}
        />
      </div>
    </div>
  );
}

function Temperature({ value, onChange }: { readonly value: number | undefined; readonly onChange: (value: number | undefined) => void }) {
  const t = useT();
  const format = useFormat();
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="flex text-12 text-second">
        {t('playground.temperature')}
        <span className="ml-auto">{value === undefined ? t('playground.temperatureDefault') : format.decimal(value, 1)}</span>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={2}
        step={0.1}
        className="h-7 accent-accent"
        value={value ?? 1}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      {value === undefined ? null : (
        <button type="button" className="self-start text-11 text-accent hover:underline" onClick={() => onChange(undefined)}>
          {t('playground.temperatureReset')}
        </button>
      )}
    </div>
  );
}

interface JsonFieldProps {
  readonly label: string;
  readonly value: string;
  readonly example: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

function JsonField({ label, value, example, error, onChange }: JsonFieldProps) {
  const t = useT();
  return (
    <div className="flex flex-col items-start gap-1">
      <TextArea
        label={label}
        rows={value === '' ? 1 : 5}
        spellCheck={false}
        className="w-full [&_textarea]:font-mono [&_textarea]:text-11"
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="button" className="text-11 text-accent hover:underline" onClick={() => onChange(value === '' ? example : '')}>
        {value === '' ? t('playground.example') : t('playground.empty')}
      </button>
    </div>
  );
}

function ImageField({ settings: { image }, onImage }: { readonly settings: AskSettings; readonly onImage: (image: AskSettings['image']) => void }) {
  const t = useT();
  const id = useId();
  if (image !== undefined)
    return (
      <span className="flex items-center gap-2 text-12 text-second">
        <img src={`data:${image.mediaType};base64,${image.data}`} alt="" className="h-7 w-7 rounded-tag object-cover" />
        <span className="max-w-[140px] truncate">{image.name}</span>
        <Button look="ghost" onClick={() => onImage(undefined)}>
          {t('playground.imageRemove')}
        </Button>
      </span>
    );
  return (
    <span className="flex items-center gap-2 text-12 text-second">
      <label htmlFor={id} className="control cursor-pointer focus-within:outline-2">
        {t('playground.image')}
        <input
          id={id}
          type="file"
          accept="image/*"
          className="sr-only"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file !== undefined) void readImage(file).then(onImage);
          }}
        />
      </label>
    </span>
  );
}
