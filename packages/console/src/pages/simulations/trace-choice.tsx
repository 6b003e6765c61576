import type { SimulationOptions, SimulationTrace } from '@maru/api/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { deleteTrace, simulationOptionsQuery, uploadRecordedTraffic, uploadTrace } from '../../api/simulations.ts';
import { Button } from '../../components/button.tsx';
import { Select } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

interface TraceChoiceProps {
  readonly options: SimulationOptions;
  readonly value: string;
  readonly onChange: (trace: string) => void;
}

/** A trace that is there, one from a file, or the calls that this platform has recorded. */
export function TraceChoice({ options, value, onChange }: TraceChoiceProps) {
  const t = useT();
  const format = useFormat();
  const id = useId();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: simulationOptionsQuery.queryKey });
  const onAdded = async (trace: SimulationTrace): Promise<void> => {
    await refresh();
    onChange(trace.id);
  };
  const upload = useMutation({ mutationFn: (file: File) => uploadTrace(file.name, file), onSuccess: onAdded });
  const record = useMutation({
    mutationFn: () => uploadRecordedTraffic(t('sim.recordedName', { time: format.instant(Date.now()) })),
    onSuccess: onAdded,
  });
  const remove = useMutation({
    mutationFn: deleteTrace,
    onSuccess: async () => {
      onChange(options.traces.find((trace) => trace.kind !== 'upload')?.id ?? '');
      await refresh();
    },
  });
  const titleOf = ({ kind, title, bytes }: SimulationTrace): string =>
    kind === 'made' ? t('sim.traceMade', { title }) : kind === 'upload' ? t('sim.traceUpload', { title, size: format.bytes(bytes) }) : title;
  const uploaded = options.traces.find((trace) => trace.id === value)?.kind === 'upload';
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <Select
        above
        label={t('sim.trace')}
        value={value}
        choices={options.traces.map((trace) => ({ value: trace.id, label: titleOf(trace) }))}
        onChange={onChange}
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12">
        <label
          htmlFor={id}
          className="cursor-pointer text-accent hover:underline"
          title={t('sim.uploadHint', { size: format.bytes(options.limits.uploadBytes) })}
        >
          {t('sim.upload')}
        </label>
        <input
          id={id}
          type="file"
          accept=".jsonl,.csv"
          className="sr-only"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) upload.mutate(file);
            event.target.value = '';
          }}
        />
        <Button look="ghost" className="h-6! px-0!" busy={record.isPending} onClick={() => record.mutate()}>
          {t('sim.recorded')}
        </Button>
        {uploaded ? (
          <Button look="ghost" className="h-6! px-0! text-red!" busy={remove.isPending} onClick={() => remove.mutate(value)}>
            {t('sim.deleteTrace')}
          </Button>
        ) : null}
      </div>
      <InlineError error={upload.error ?? record.error ?? remove.error} />
    </div>
  );
}
