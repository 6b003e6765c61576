import type { IconName } from '../components/icon-paths.ts';
import type { MessageKey } from '../i18n/index.ts';

/** A page in the side bar; `key` follows `g` on the keyboard. */
const entry = <const To extends string>(to: To, label: MessageKey, icon: IconName, key: string) => ({ to, label, icon, key }) as const;

export const NAV_GROUPS = [
  { label: null, entries: [entry('/', 'nav.overview', 'overview', 'o'), entry('/playground', 'nav.playground', 'playground', 'p')] },
  {
    label: 'nav.observe',
    entries: [
      entry('/traces', 'nav.traces', 'traces', 't'),
      entry('/costs', 'nav.costs', 'costs', 'c'),
      entry('/evaluations', 'nav.evaluations', 'evaluations', 'e'),
    ],
  },
  {
    label: 'nav.serve',
    entries: [
      entry('/models', 'nav.models', 'models', 'm'),
      entry('/routing', 'nav.routing', 'routing', 'u'),
      entry('/simulations', 'nav.simulations', 'flask', 'l'),
      entry('/keys', 'nav.keys', 'key', 'y'),
      entry('/batches', 'nav.batches', 'batches', 'b'),
    ],
  },
  {
    label: 'nav.build',
    entries: [
      entry('/agents', 'nav.agents', 'agents', 'a'),
      entry('/knowledge', 'nav.knowledge', 'knowledge', 'k'),
      entry('/pipelines', 'nav.pipelines', 'pipelines', 'i'),
      entry('/resources', 'nav.resources', 'resources', 'r'),
    ],
  },
] as const;

export const SETTINGS_ENTRY = entry('/settings', 'nav.settings', 'settings', 's');

export const NAV_ENTRIES = [...NAV_GROUPS.flatMap((group) => [...group.entries]), SETTINGS_ENTRY] as const;
export type NavEntry = (typeof NAV_ENTRIES)[number];
