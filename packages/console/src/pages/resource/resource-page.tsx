import type { resourceDetailSchema } from '@maru/api/wire';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { z } from 'zod';
import { deleteResource } from '../../api/actions.ts';
import { resourceQuery, resourcesQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { EditorPanel } from './editor-panel.tsx';
import { StatusPanel } from './status-panel.tsx';

type Detail = z.infer<typeof resourceDetailSchema>;

/** One resource as YAML, with what it reports and what depends on it. */
export function ResourcePage() {
  const { kind, name } = useParams({ from: '/resources/$kind/$name' });
  const query = useQuery(resourceQuery(kind, name));
  return (
    <>
      <PageHead title={kind} detail={name} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={12} />
          </div>
        }
      >
        {(detail) => <ResourceBody key={`${kind}/${name}`} detail={detail} />}
      </QueryView>
    </>
  );
}

function ResourceBody({ detail }: { readonly detail: Detail }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const { kind, metadata } = detail.resource;
  const remove = async (): Promise<void> => {
    await deleteResource(kind, metadata.name);
    await client.invalidateQueries({ queryKey: resourcesQuery.queryKey });
    await navigate({ to: '/resources' });
  };
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <div className="flex min-w-0 flex-1 flex-col bg-panel max-wide:h-[70vh]">
        <EditorPanel
          initial={detail.yaml}
          onApplied={() => undefined}
          actions={
            <>
              <Link to="/resources" className="control control-ghost">
                {t('resources.back')}
              </Link>
              <Button look="danger" icon="trash" onClick={() => setDeleting(true)}>
                {t('resources.delete')}
              </Button>
            </>
          }
        />
      </div>
      <StatusPanel detail={detail} />
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title={t('resources.deleteTitle', { kind, name: metadata.name })}
        description={detail.usedBy.length === 0 ? t('resources.deleteText') : t('resources.deleteUsed', { names: detail.usedBy.join(', ') })}
        verb={t('resources.delete')}
        onConfirm={remove}
      />
    </div>
  );
}
