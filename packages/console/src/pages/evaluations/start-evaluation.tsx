import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { startEvaluation } from '../../api/actions.ts';
import { evaluationRunsQuery, evaluationsQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';

/** Starts a run and goes to it. */
export function StartEvaluation({ name, compact = false }: { readonly name: string; readonly compact?: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => startEvaluation(name),
    onSuccess: async (run) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: evaluationRunsQuery(name).queryKey }),
        client.invalidateQueries({ queryKey: evaluationsQuery.queryKey }),
      ]);
      await navigate({ to: '/evaluations/$name', params: { name }, search: { run: run.id } });
    },
  });
  return (
    <>
      <Button look={compact ? 'plain' : 'primary'} className={compact ? 'h-6!' : ''} busy={start.isPending} onClick={() => start.mutate()}>
        {t('evaluations.start')}
      </Button>
      {compact ? null : <InlineError error={start.error} />}
    </>
  );
}
