import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Select } from '../../components/field.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { EditorPanel } from './editor-panel.tsx';
import { TEMPLATE_KINDS, TEMPLATES, type TemplateKind } from './templates.ts';

/** A new resource, from a short example of its kind. */
export function NewResourcePage() {
  const t = useT();
  const navigate = useNavigate();
  const search = useSearch({ from: '/resources/new' });
  const [kind, setKind] = useState<TemplateKind>(TEMPLATE_KINDS.find((name) => name === search.kind) ?? 'Model');
  return (
    <div className="flex min-h-[calc(100dvh-48px)] flex-col bg-panel wide:h-[calc(100dvh-48px)]">
      <PageHead title={t('resources.create')} detail={kind} />
      <EditorPanel
        key={kind}
        initial={TEMPLATES[kind]}
        actions={<Select label={t('resources.kind')} value={kind} choices={TEMPLATE_KINDS.map((value) => ({ value, label: value }))} onChange={setKind} />}
        onApplied={(names) => {
          const [first, name] = (names[0] ?? '').split('/');
          if (first !== undefined && name !== undefined) void navigate({ to: '/resources/$kind/$name', params: { kind: first, name } });
        }}
      />
    </div>
  );
}
