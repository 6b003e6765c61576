import type { Simulation, SimulationOptions } from '@maru/api/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { simulationOptionsQuery, simulationsQuery, startSimulation } from '../../api/simulations.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { QueryView } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PolicyChoice } from './policy-choice.tsx';
import { EMPTY_SIMULATION, readSimulationForm, type SimulationForm } from './simulation-form.ts';
import { TraceChoice } from './trace-choice.tsx';

interface NewSimulationDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onStarted: (simulation: Simulation) => void;
}

/** Which requests, on which fleets, by which policies. */
export function NewSimulationDialog({ open, onOpenChange, onStarted }: NewSimulationDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const options = useQuery({ ...simulationOptionsQuery, enabled: open });
  const [typed, setForm] = useState(EMPTY_SIMULATION);
  const start = useMutation({
    mutationFn: startSimulation,
    onSuccess: async (simulation) => {
      onOpenChange(false);
      await client.invalidateQueries({ queryKey: simulationsQuery.queryKey });
      onStarted(simulation);
    },
  });
  const form = typed.trace === '' ? { ...typed, trace: options.data?.traces[0]?.id ?? '' } : typed;
  const checked = options.data === undefined ? undefined : readSimulationForm(form, options.data.limits);
  return (
    <Dialog
      wide
      open={open}
      onOpenChange={onOpenChange}
      title={t('sim.start')}
      description={t('sim.startText')}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
          <Button
            look="primary"
            busy={start.isPending}
            disabled={checked?.request === undefined}
            onClick={() => checked?.request !== undefined && start.mutate(checked.request)}
          >
            {t('sim.run')}
          </Button>
        </>
      }
    >
      <QueryView query={options}>{(known) => <Fields form={form} options={known} onChange={(change) => setForm({ ...form, ...change })} />}</QueryView>
      <InlineError error={start.error} />
    </Dialog>
  );
}

interface FieldsProps {
  readonly form: SimulationForm;
  readonly options: SimulationOptions;
  readonly onChange: (change: Partial<SimulationForm>) => void;
}

function Fields({ form, options, onChange }: FieldsProps) {
  const t = useT();
  const format = useFormat();
  const { wrong, combinations } = readSimulationForm(form, options.limits);
  const made = options.traces.find(({ id }) => id === form.trace)?.kind === 'made';
  const problem = (name: keyof SimulationForm): string | undefined => {
    const found = wrong[name];
    return found === undefined ? undefined : t(found.key, found.n === undefined ? {} : { n: format.number(found.n) });
  };
  const field = (name: Exclude<keyof SimulationForm, 'policies'>, label: string, hint?: string) => (
    <TextField label={label} hint={hint} error={problem(name)} value={form[name]} onChange={(event) => onChange({ [name]: event.target.value })} />
  );
  return (
    <div className="mt-4 grid grid-cols-1 gap-x-4 gap-y-3 column:grid-cols-2">
      {field('name', t('sim.name'))}
      <TraceChoice options={options} value={form.trace} onChange={(trace) => onChange({ trace })} />
      {field('requests', t('sim.requests'), t('sim.requestsHint'))}
      {made ? field('perSecond', t('sim.perSecond')) : <span className="hidden column:block" />}
      <PolicyChoice chosen={form.policies} error={problem('policies')} onChange={(policies) => onChange({ policies })} />
      {field('speeds', t('sim.speeds'), t('sim.speedsHint'))}
      {field('replicas', t('sim.replicas'), t('sim.replicasHint'))}
      {field('seeds', t('sim.seeds'), t('sim.seedsHint'))}
      <Select
        above
        label={t('sim.profile')}
        value={form.profile}
        choices={options.profiles.map(({ name, title }) => ({ value: name, label: title }))}
        onChange={(profile) => onChange({ profile })}
      />
      {field('ttftMs', t('sim.ttft'))}
      {field('itlMs', t('sim.itl'))}
      {field('gpuUsdPerHour', t('sim.price'))}
      <p className="self-end text-12 text-second">
        {t('sim.combinations', { n: format.number(combinations), requests: format.number(combinations * (Number(form.requests) || 0)) })}
      </p>
    </div>
  );
}
