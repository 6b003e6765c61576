import type { SimulationDetail } from '@maru/api/wire';
import { useMutation, useQuery } from '@tanstack/react-query';
import { downloadReport, simulationsQuery } from '../../api/simulations.ts';
import { Button } from '../../components/button.tsx';
import { FactStrip } from '../../components/facts.tsx';
import { Select } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { SimulatedTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { SimulationProgress, SimulationState } from '../simulations/simulation-state.tsx';
import { simulationTitle } from '../simulations/simulation-title.ts';
import { useSimulationActions } from '../simulations/use-simulation-actions.ts';

interface ReportHeadProps {
  readonly detail: SimulationDetail;
  /** The one that it is compared with. */
  readonly other: string | undefined;
  readonly onCompare: (id: string | undefined) => void;
}

const NOTHING = '';

/** What was simulated and how, how far it is, and what can be done with it. */
export function ReportHead({ detail: { simulation, profile, rows }, other, onCompare }: ReportHeadProps) {
  const t = useT();
  const format = useFormat();
  const { cancel, resume, error } = useSimulationActions();
  const download = useMutation({ mutationFn: downloadReport });
  const others = (useQuery(simulationsQuery).data ?? []).filter(({ id, done }) => id !== simulation.id && done > 0);
  const { request, state } = simulation;
  const open = state === 'running' || state === 'queued';
  return (
    <Panel
      title={
        <span className="inline-flex items-center gap-2">
          {simulationTitle(simulation)} <SimulatedTag />
        </span>
      }
      actions={
        <>
          {others.length === 0 ? null : (
            <Select
              label={t('sim.compareWith')}
              value={others.some(({ id }) => id === other) ? (other ?? NOTHING) : NOTHING}
              choices={[
                { value: NOTHING, label: `${t('sim.compareWith')}: ${t('sim.compareNone')}` },
                ...others.map((each) => ({ value: each.id, label: `${simulationTitle(each)} · ${format.moment(each.createdMs)}` })),
              ]}
              onChange={(id) => onCompare(id === NOTHING ? undefined : id)}
            />
          )}
          {rows.length === 0 ? null : (
            <Button icon="download" busy={download.isPending} onClick={() => download.mutate(simulation)}>
              {t('sim.report')}
            </Button>
          )}
          {open ? (
            <Button look="danger" icon="stop" busy={cancel.isPending} onClick={() => cancel.mutate(simulation.id)}>
              {t('sim.cancel')}
            </Button>
          ) : state === 'succeeded' ? null : (
            <Button icon="refresh" busy={resume.isPending} onClick={() => resume.mutate(simulation.id)}>
              {t('sim.resume')}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-3 px-4 py-3">
        <FactStrip
          facts={[
            { label: t('sim.state'), value: <SimulationState state={state} /> },
            { label: t('sim.progress'), value: <SimulationProgress done={simulation.done} all={simulation.all} /> },
            { label: t('sim.trace'), value: simulation.traceTitle },
            { label: t('sim.requests'), value: format.number(request.requests) },
            { label: t('sim.seeds'), value: format.number(request.seeds) },
            { label: t('sim.objective'), value: t('sim.objectiveLine', { ttft: format.duration(request.ttftMs), itl: format.duration(request.itlMs) }) },
            { label: t('sim.price'), value: format.usd(request.gpuUsdPerHour) },
            { label: t('sim.created'), value: <Moment atMs={simulation.createdMs} /> },
          ]}
        />
        {profile === null ? null : <p className="text-12 text-second">{t('sim.simulatedBy', profile)}</p>}
        {state === 'queued' ? <p className="text-12 text-second">{t('sim.waitsText')}</p> : null}
        {state === 'interrupted' ? <p className="text-12 text-amber">{t('sim.interruptedText')}</p> : null}
        {simulation.error === null ? null : (
          <p role="alert" className="rounded-control bg-red-ground px-3 py-2 text-12 break-words text-red">
            {simulation.error}
          </p>
        )}
      </div>
      <InlineError error={error ?? download.error} className="mx-4 mb-3" />
    </Panel>
  );
}
