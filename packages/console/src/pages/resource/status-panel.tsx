import { conditionSchema } from '@maru/api/resources';
import type { resourceDetailSchema } from '@maru/api/wire';
import { Link } from '@tanstack/react-router';
import { z } from 'zod';
import { FactList } from '../../components/facts.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';

type Detail = z.infer<typeof resourceDetailSchema>;
const conditionsSchema = z.array(conditionSchema).catch([]);

const OWN_FIELDS = new Set(['phase', 'message', 'conditions', 'observedGeneration']);

/** What the resource reports, and its ties to others. */
export function StatusPanel({ detail: { resource, uses, usedBy } }: { readonly detail: Detail }) {
  const t = useT();
  const status = resource.status ?? {};
  const conditions = conditionsSchema.parse(status['conditions']);
  const others = Object.entries(status).filter(([name, value]) => !OWN_FIELDS.has(name) && (typeof value === 'string' || typeof value === 'number'));
  return (
    <aside aria-label={t('resources.status')} className="shrink-0 border-line bg-panel max-wide:border-t wide:w-[340px] wide:overflow-y-auto wide:border-l">
      <section className="px-4 py-3">
        <h2 className="mb-2 font-bold">{t('resources.status')}</h2>
        <FactList
          facts={[
            { label: t('resources.phase'), value: status.phase === undefined ? '–' : <StateTag state={status.phase} /> },
            ...(status.message === undefined ? [] : [{ label: t('resources.message'), value: status.message }]),
            ...others.map(([label, value]) => ({ label, value: String(value) })),
          ]}
        />
      </section>
      {conditions.length === 0 ? null : (
        <section className="border-t border-line px-4 py-3">
          <h2 className="mb-2 font-bold">{t('resources.conditions')}</h2>
          <ul className="flex flex-col gap-2">
            {conditions.map((condition) => (
              <li key={condition.type} className="text-12">
                <p>
                  <span className="font-medium">{condition.type}</span>{' '}
                  <span className={condition.status === 'False' ? 'text-amber' : 'text-second'}>
                    {condition.status} · {condition.reason}
                  </span>
                </p>
                <p className="break-words text-second">{condition.message}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Ties title={t('resources.uses')} names={[...new Set(uses)]} none={t('resources.usesNone')} />
      <Ties title={t('resources.usedBy')} names={[...new Set(usedBy)]} none={t('resources.usedByNone')} />
    </aside>
  );
}

function Ties({ title, names, none }: { readonly title: string; readonly names: readonly string[]; readonly none: string }) {
  return (
    <section className="border-t border-line px-4 py-3">
      <h2 className="mb-1 font-bold">{title}</h2>
      {names.length === 0 ? <p className="text-12 text-third">{none}</p> : null}
      <ul>
        {names.map((key) => {
          const [kind = '', name = ''] = key.split('/');
          return (
            <li key={key} className="text-12">
              <Link to="/resources/$kind/$name" params={{ kind, name }} className="text-accent hover:underline">
                {key}
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
