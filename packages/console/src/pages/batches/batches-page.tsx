import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { batchesQuery, filesQuery } from '../../api/batches.ts';
import { usePollMs } from '../../api/live.ts';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { BatchTable } from './batch-table.tsx';
import { FileTable } from './file-table.tsx';
import { NewBatchDialog } from './new-batch-dialog.tsx';

/** Batches with the lines that have ended, and the files that they read and wrote. */
export function BatchesPage() {
  const t = useT();
  const pollMs = usePollMs(1500);
  const batches = useQuery({ ...batchesQuery, refetchInterval: pollMs });
  const files = useQuery({ ...filesQuery, refetchInterval: pollMs });
  const [creating, setCreating] = useState(false);
  return (
    <Page>
      <PageHead title={t('nav.batches')} />
      <Panel
        title={t('nav.batches')}
        hint={batches.data?.length}
        actions={
          <Button look="primary" icon="upload" onClick={() => setCreating(true)}>
            {t('batches.start')}
          </Button>
        }
      >
        <QueryView query={batches} skeleton={<SkeletonRows rows={3} />}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon="batches" title={t('batches.none')}>
                {t('batches.noneHint')}
              </EmptyState>
            ) : (
              <BatchTable batches={items} />
            )
          }
        </QueryView>
      </Panel>
      <Panel title={t('batches.files')} hint={files.data?.length}>
        <QueryView query={files} skeleton={<SkeletonRows rows={3} />}>
          {(items) => (items.length === 0 ? <p className="px-4 py-3 text-12 text-second">{t('batches.noFiles')}</p> : <FileTable files={items} />)}
        </QueryView>
      </Panel>
      <NewBatchDialog open={creating} onOpenChange={setCreating} />
    </Page>
  );
}
