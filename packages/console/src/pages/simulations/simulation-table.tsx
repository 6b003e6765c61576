import type { Simulation } from '@maru/api/wire';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { SimulationProgress, SimulationState } from './simulation-state.tsx';
import { simulationTitle } from './simulation-title.ts';
import { useSimulationActions } from './use-simulation-actions.ts';

/** Simulations, newest first; each opens to its report. */
export function SimulationTable({ simulations }: { readonly simulations: readonly Simulation[] }) {
  const t = useT();
  const format = useFormat();
  const navigate = useNavigate();
  const { cancel, resume, remove, error } = useSimulationActions();
  const [deleting, setDeleting] = useState<Simulation | undefined>(undefined);
  return (
    <>
      <DataTable
        label={t('nav.simulations')}
        rows={simulations}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/simulations/$id', params: { id: row.id } })}
        columns={[
          {
            id: 'name',
            header: t('sim.simulation'),
            cell: (row) => (
              <Link to="/simulations/$id" params={{ id: row.id }} className="font-medium hover:underline">
                {simulationTitle(row)}
              </Link>
            ),
          },
          { id: 'state', header: t('sim.state'), cell: (row) => <SimulationState state={row.state} /> },
          { id: 'progress', header: t('sim.progress'), cell: (row) => <SimulationProgress done={row.done} all={row.all} /> },
          {
            id: 'policies',
            header: t('sim.policies'),
            className: FILLS_THE_REST,
            cell: ({ error: problem, request }) =>
              problem === null ? (
                request.policies.join(', ')
              ) : (
                <span title={problem} className="text-red">
                  {problem}
                </span>
              ),
          },
          { id: 'replicas', header: t('sim.replicas'), align: 'right', cell: ({ request }) => request.replicas.join(', ') },
          { id: 'requests', header: t('sim.requests'), align: 'right', cell: ({ request }) => format.number(request.requests) },
          {
            id: 'took',
            header: t('sim.took'),
            align: 'right',
            cell: ({ startedMs, endedMs }) => format.duration(startedMs === null || endedMs === null ? null : endedMs - startedMs),
          },
          { id: 'created', header: t('sim.created'), align: 'right', cell: (row) => <Moment atMs={row.createdMs} ago /> },
          {
            id: 'actions',
            header: <span className="sr-only">{t('sim.actions')}</span>,
            align: 'right',
            cell: (row) => (
              <span className="inline-flex items-center gap-1 align-middle">
                {row.state === 'running' || row.state === 'queued' ? (
                  <Button className="h-6!" look="danger" onClick={() => cancel.mutate(row.id)}>
                    {t('sim.cancel')}
                  </Button>
                ) : (
                  <>
                    {row.state === 'succeeded' ? null : (
                      <Button className="h-6!" icon="refresh" onClick={() => resume.mutate(row.id)}>
                        {t('sim.resume')}
                      </Button>
                    )}
                    <IconButton icon="trash" className="h-6! w-6!" label={t('sim.deleteOf', { name: simulationTitle(row) })} onClick={() => setDeleting(row)} />
                  </>
                )}
              </span>
            ),
          },
        ]}
      />
      <InlineError error={error} className="mx-4 mb-3" />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={(open) => !open && setDeleting(undefined)}
        title={t('sim.deleteTitle')}
        description={t('sim.deleteText')}
        verb={t('sim.delete')}
        onConfirm={async () => deleting && remove.mutateAsync(deleting.id)}
      />
    </>
  );
}
