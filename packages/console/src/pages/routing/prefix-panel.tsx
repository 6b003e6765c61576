import type { LocateRequest, Routing } from '@maru/api/wire';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { locatePrompt } from '../../api/routing.ts';
import { Button } from '../../components/button.tsx';
import { Select, TextArea } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useT } from '../../i18n/index.ts';
import { PlacesView } from './places-view.tsx';

/** Finds which endpoints hold how many blocks of a text, or of the last prompt of a session. */
export function PrefixPanel({ routing }: { readonly routing: Routing }) {
  const t = useT();
  const models = [...new Set(routing.endpoints.map((endpoint) => endpoint.model))].sort();
  const busiest = routing.endpoints.toSorted((left, right) => right.cache.blocks - left.cache.blocks)[0]?.model ?? '';
  const [by, setBy] = useState<'text' | 'session'>('text');
  const [model, setModel] = useState(busiest);
  const [text, setText] = useState('');
  const [session, setSession] = useState('');
  const find = useMutation({ mutationFn: locatePrompt });
  const chosen = routing.sessions.find((known) => known.session === session)?.session ?? routing.sessions[0]?.session;
  const asked = requestOf({ by, model: models.includes(model) ? model : (models[0] ?? ''), text, session: chosen });
  return (
    <Panel
      title={t('routing.prefix')}
      hint={t('routing.prefixHint')}
      actions={
        <Segmented
          label={t('routing.by')}
          value={by}
          choices={[
            { value: 'text', label: t('routing.byText') },
            { value: 'session', label: t('routing.bySession') },
          ]}
          onChange={(next) => {
            setBy(next);
            find.reset();
          }}
        />
      }
    >
      <form
        className="grid grid-cols-1 gap-x-6 gap-y-3 p-4 column:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (asked !== undefined) find.mutate(asked);
        }}
      >
        <div className="flex min-w-0 flex-col gap-3">
          {by === 'text' ? (
            <>
              <Select above label={t('common.model')} value={model} choices={models.map((value) => ({ value, label: value }))} onChange={setModel} />
              <TextArea
                label={t('routing.prompt')}
                hint={t('routing.promptHint', { n: routing.blockTokens })}
                rows={5}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </>
          ) : routing.sessions.length === 0 ? (
            <p className="text-12 text-second">{t('routing.noSessions')}</p>
          ) : (
            <Select
              above
              label={t('routing.session')}
              value={chosen ?? ''}
              choices={routing.sessions.map((known) => ({ value: known.session, label: `${known.session} · ${known.model}` }))}
              onChange={setSession}
            />
          )}
          <div>
            <Button type="submit" look="primary" icon="search" busy={find.isPending} disabled={asked === undefined}>
              {t('routing.locate')}
            </Button>
          </div>
        </div>
        <div aria-live="polite" className="-mx-4 min-w-0 self-center">
          {find.data === undefined ? null : <PlacesView places={find.data} />}
          <InlineError error={find.error} className="mx-4" />
        </div>
      </form>
    </Panel>
  );
}

interface Asked {
  readonly by: 'text' | 'session';
  readonly model: string;
  readonly text: string;
  readonly session: string | undefined;
}

function requestOf({ by, model, text, session }: Asked): LocateRequest | undefined {
  if (by === 'session') return session === undefined ? undefined : { session };
  return text.trim() === '' || model === '' ? undefined : { model, messages: [{ role: 'user', content: text }] };
}
