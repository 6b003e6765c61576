import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { approveCall } from '../../api/actions.ts';
import { useT } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { CodeBlock, readable } from '../code-block.tsx';
import { InlineError } from '../inline-error.tsx';

interface Approval {
  readonly callId: string;
  readonly tool: string;
  readonly arguments?: unknown;
}

/** Tool calls that wait for a person: what would be called, with which arguments. */
export function Approvals({ runId, approvals }: { readonly runId: string; readonly approvals: readonly Approval[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {approvals.map((approval) => (
        <li key={approval.callId}>
          <ApprovalForm runId={runId} approval={approval} />
        </li>
      ))}
    </ul>
  );
}

function ApprovalForm({ runId, approval }: { readonly runId: string; readonly approval: Approval }) {
  const t = useT();
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const decide = useMutation({
    mutationFn: (approved: boolean) => approveCall(runId, { callId: approval.callId, approved, ...(comment.trim() === '' ? {} : { comment: comment.trim() }) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['run', runId] }),
  });
  return (
    <section className="rounded-control border border-line bg-amber-ground p-3" aria-label={t('runs.approval')}>
      <p className="mb-2 text-12 text-amber">{t('runs.approvalText', { tool: approval.tool })}</p>
      <CodeBlock label={t('runs.arguments')} text={readable(approval.arguments ?? {})} />
      <input
        className="field mt-2"
        aria-label={t('runs.comment')}
        placeholder={t('runs.comment')}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="mt-2 flex gap-2">
        <Button look="primary" busy={decide.isPending} onClick={() => decide.mutate(true)}>
          {t('runs.approve')}
        </Button>
        <Button look="danger" busy={decide.isPending} onClick={() => decide.mutate(false)}>
          {t('runs.reject')}
        </Button>
      </div>
      <InlineError error={decide.error} />
    </section>
  );
}
