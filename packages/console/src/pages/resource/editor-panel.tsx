import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { applyYaml } from '../../api/actions.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';
import { useValidation } from './use-validation.ts';

const YamlEditor = lazy(() => import('./yaml-editor.tsx'));

interface EditorPanelProps {
  readonly initial: string;
  readonly actions?: ReactNode;
  /** Names as `Kind/name`. */
  readonly onApplied: (names: readonly string[]) => void;
}

/** Edit, see mistakes in place, apply; a text with mistakes can not be applied. */
export function EditorPanel({ initial, actions, onApplied }: EditorPanelProps) {
  const t = useT();
  const client = useQueryClient();
  const [text, setText] = useState(initial);
  const [goTo, setGoTo] = useState<{ line: number; column: number } | undefined>(undefined);
  const { problems, checking, error } = useValidation(text);
  const apply = useMutation({
    mutationFn: () => applyYaml(text),
    onSuccess: async (reply) => {
      await client.invalidateQueries();
      onApplied([...reply.created, ...reply.changed]);
    },
  });
  const result = apply.data;
  const changed = text !== initial;
  return (
    <section aria-label={t('resources.editor')} className="flex min-h-[420px] min-w-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
        <Button look="primary" busy={apply.isPending} disabled={problems.length > 0 || checking || text.trim() === ''} onClick={() => apply.mutate()}>
          {t('resources.apply')}
        </Button>
        {changed ? (
          <Button look="ghost" onClick={() => setText(initial)}>
            {t('resources.revert')}
          </Button>
        ) : null}
        <span aria-live="polite" className="text-12 text-second">
          {checking
            ? t('resources.checking')
            : problems.length > 0
              ? t('resources.problems', { n: problems.length })
              : result !== undefined && !changed
                ? t('resources.applied')
                : t('resources.valid')}
        </span>
        <span className="ml-auto flex gap-2">{actions}</span>
      </div>
      <Suspense fallback={<div className="skeleton m-4 flex-1" />}>
        <YamlEditor label={t('resources.yaml')} text={text} problems={problems} goTo={goTo} onChange={setText} />
      </Suspense>
      {problems.length === 0 ? null : (
        <ul aria-label={t('resources.problemList')} className="max-h-[180px] overflow-y-auto border-t border-line">
          {problems.map((problem) => (
            <li key={`${problem.line}:${problem.column} ${problem.message}`} className="border-t border-faint first:border-t-0">
              <button
                type="button"
                className="flex min-h-8 w-full items-start gap-2 px-4 py-1.5 text-left text-12 hover:bg-hover"
                onClick={() => setGoTo({ line: problem.line, column: problem.column })}
              >
                <Icon name="error" size={14} className="mt-px text-red" />
                <span className="shrink-0 font-mono text-11 text-third">
                  {problem.line}:{problem.column}
                </span>
                <span className="min-w-0 break-words">
                  {problem.path === '' ? null : <code className="font-mono text-11 text-second">{problem.path}: </code>}
                  {problem.message}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="px-4 pb-2 empty:hidden">
        <InlineError error={apply.error ?? error} />
      </div>
    </section>
  );
}
