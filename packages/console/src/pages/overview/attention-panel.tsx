import type { Attention } from '@maru/api/wire';
import { useRouter } from '@tanstack/react-router';
import { Icon } from '../../components/icon.tsx';
import { Panel } from '../../components/panel.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { sayWindow } from '../budget-window.ts';

/** What a person should look at, worst first, with the way there. */
export function AttentionPanel({ items }: { readonly items: readonly Attention[] }) {
  const t = useT();
  const sorted = items.toSorted((left, right) => Number(right.level === 'error') - Number(left.level === 'error'));
  return (
    <Panel title={t('attention.title')} hint={items.length === 0 ? undefined : items.length}>
      {items.length === 0 ? (
        <p className="px-4 py-3 text-second">{t('attention.none')}</p>
      ) : (
        <ul>
          {sorted.map((item) => (
            <AttentionRow key={`${item.code} ${JSON.stringify(item.facts)}`} item={item} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AttentionRow({ item }: { readonly item: Attention }) {
  const t = useT();
  const router = useRouter();
  const format = useFormat();
  const facts = sayFacts(item, t, format);
  const error = item.level === 'error';
  return (
    <li className="flex min-h-9 items-center gap-3 border-t border-faint px-4 py-1 first:border-t-0">
      <span className={`flex h-5 w-6 items-center justify-center rounded-tag ${error ? 'bg-red-ground text-red' : 'bg-amber-ground text-amber'}`}>
        <Icon name={error ? 'error' : 'warning'} size={12} />
        <span className="sr-only">{error ? t('attention.error') : t('attention.warn')}</span>
      </span>
      <span className="min-w-0 break-words">{t(`attention.${item.code}`, facts)}</span>
      <a
        href={item.href}
        className="ml-auto shrink-0 text-12 text-accent hover:underline"
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          router.history.push(item.href);
        }}
      >
        {t(`attention.${item.code}.action`)}
      </a>
    </li>
  );
}

/** Facts in the words of the language: numbers, the share of a budget and its window are not shown as they are sent. */
function sayFacts({ facts }: Attention, t: ReturnType<typeof useT>, format: ReturnType<typeof useFormat>): Record<string, string> {
  const said = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'number' ? format.number(fact) : String(fact)]));
  return 'window' in facts ? { ...said, percent: format.percent(facts.percent / 100), window: sayWindow(t, 'attention.window', facts.window) } : said;
}
