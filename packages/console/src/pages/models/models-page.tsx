import type { ServedModel } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { modelsQuery } from '../../api/queries.ts';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { ModelPanel } from './model-panel.tsx';
import { ModelTable } from './model-table.tsx';

/** Everything that can be named as a model, with its replicas as they are now. */
export function ModelsPage() {
  const t = useT();
  const navigate = useNavigate({ from: '/models' });
  const { id, tab } = useSearch({ from: '/models' });
  const pollMs = usePollMs(2000);
  const query = useQuery({ ...modelsQuery, refetchInterval: pollMs });
  const choose = (next: string | undefined): void => void navigate({ search: (previous) => ({ ...previous, id: next }), replace: true });
  const showTab = (next: string): void => void navigate({ search: (previous) => ({ ...previous, tab: next }), replace: true });
  return (
    <>
      <PageHead title={t('nav.models')} detail={id} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(models) =>
          models.length === 0 ? (
            <EmptyState
              icon="models"
              title={t('models.none')}
              action={
                <Link to="/resources/new" search={{ kind: 'Model' }} className="control">
                  {t('models.create')}
                </Link>
              }
            >
              {t('models.noneHint')}
            </EmptyState>
          ) : (
            <ModelsBody models={models} chosen={models.find((model) => model.id === id)} tab={tab} onChoose={choose} onTab={showTab} />
          )
        }
      </QueryView>
    </>
  );
}

interface ModelsBodyProps {
  readonly models: readonly ServedModel[];
  readonly chosen: ServedModel | undefined;
  readonly tab: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  readonly onTab: (tab: string) => void;
}

function ModelsBody({ models, chosen, tab, onChoose, onTab }: ModelsBodyProps) {
  const t = useT();
  const served = models.filter((model) => model.kind === 'model');
  const routes = models.filter((model) => model.kind === 'route');
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 wide:overflow-y-auto wide:px-5 wide:py-5">
        {served.length === 0 ? null : <ModelTable title={t('models.kinds.model')} models={served} chosen={chosen?.id} onChoose={onChoose} />}
        {routes.length === 0 ? null : <ModelTable title={t('models.kinds.route')} models={routes} chosen={chosen?.id} onChoose={onChoose} />}
      </div>
      {chosen === undefined ? null : <ModelPanel model={chosen} tab={tab} onTab={onTab} onClose={() => onChoose(undefined)} />}
    </div>
  );
}
