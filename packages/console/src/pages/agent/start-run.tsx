import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { startAgentRun } from '../../api/actions.ts';
import { Button } from '../../components/button.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Panel } from '../../components/panel.tsx';
import { useT } from '../../i18n/index.ts';

/** Starts a durable run; unlike a chat it goes on when the page is closed. */
export function StartRun({ name, onStarted }: { readonly name: string; readonly onStarted: (id: string) => void }) {
  const t = useT();
  const client = useQueryClient();
  const [input, setInput] = useState('');
  const start = useMutation({
    mutationFn: () => startAgentRun(name, input.trim()),
    onSuccess: async (run) => {
      setInput('');
      await client.invalidateQueries({ queryKey: ['runs'] });
      onStarted(run.id);
    },
  });
  return (
    <Panel title={t('agents.runNow')} hint={t('agents.runNowHint')}>
      <form
        className="flex gap-2 p-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (input.trim() !== '') start.mutate();
        }}
      >
        <input
          className="field"
          aria-label={t('agents.task')}
          placeholder={t('agents.taskPlaceholder')}
          value={input}
          onChange={(event) => setInput(event.target.value)}
        />
        <Button type="submit" look="primary" busy={start.isPending} disabled={input.trim() === ''}>
          {t('agents.start')}
        </Button>
      </form>
      <div className="px-3 pb-3 empty:hidden">
        <InlineError error={start.error} className="mt-0!" />
      </div>
    </Panel>
  );
}
