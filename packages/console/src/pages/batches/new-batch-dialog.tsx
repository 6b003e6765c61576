import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { BATCH_ENDPOINTS, type BatchEndpoint, batchesQuery, filesQuery, startBatch } from '../../api/batches.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Select } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';

/** Uploads a JSONL file and starts a batch of it. */
export function NewBatchDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const id = useId();
  const client = useQueryClient();
  const [file, setFile] = useState<File | undefined>(undefined);
  const [endpoint, setEndpoint] = useState<BatchEndpoint>('/v1/chat/completions');
  const start = useMutation({
    mutationFn: (input: File) => startBatch(input, endpoint),
    onSuccess: async () => {
      change(false);
      await Promise.all([client.invalidateQueries({ queryKey: batchesQuery.queryKey }), client.invalidateQueries({ queryKey: filesQuery.queryKey })]);
    },
  });
  const change = (next: boolean): void => {
    onOpenChange(next);
    if (next) return;
    setFile(undefined);
    start.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={t('batches.start')}
      description={t('batches.startText')}
      footer={
        <>
          <Button onClick={() => change(false)}>{t('common.cancel')}</Button>
          <Button look="primary" busy={start.isPending} disabled={file === undefined} onClick={() => file && start.mutate(file)}>
            {t('batches.start')}
          </Button>
        </>
      }
    >
      <div className="mt-3 flex flex-col gap-3">
        <div className="flex flex-col gap-1">
          <label htmlFor={id} className="text-12 text-second">
            {t('batches.file')}
          </label>
          <input id={id} type="file" accept=".jsonl,application/jsonl" className="text-12" onChange={(event) => setFile(event.target.files?.[0])} />
        </div>
        <Select
          above
          label={t('batches.endpoint')}
          value={endpoint}
          choices={BATCH_ENDPOINTS.map((value) => ({ value, label: value }))}
          onChange={setEndpoint}
        />
        <pre className="overflow-x-auto rounded-control bg-faint p-3 font-mono text-11">{EXAMPLE}</pre>
      </div>
      <InlineError error={start.error} />
    </Dialog>
  );
}

const EXAMPLE = '{"custom_id": "1", "method": "POST",\n "url": "/v1/chat/completions",\n "body": {"model": "auto", "messages": […]}}';
