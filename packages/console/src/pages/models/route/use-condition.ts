import type { RouteCondition } from '@maru/api/resources';
import { useFormat } from '../../../format/use-format.ts';
import { useT } from '../../../i18n/index.ts';

const pairs = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');

/** A condition of a route as a person says it. */
export function useCondition(): (when: RouteCondition) => string {
  const t = useT();
  const format = useFormat();
  const flag = (value: boolean | undefined, name: 'tools' | 'images' | 'stream'): string | undefined =>
    value === undefined ? undefined : t(value ? `route.has.${name}` : `route.hasNo.${name}`);
  return (when) =>
    [
      when.minPromptTokens === undefined ? undefined : t('route.promptFrom', { n: format.number(when.minPromptTokens) }),
      when.maxPromptTokens === undefined ? undefined : t('route.promptBelow', { n: format.number(when.maxPromptTokens) }),
      when.complexity === undefined ? undefined : t('route.complexity', { classes: when.complexity.map((each) => t(`route.class.${each}`)).join(', ') }),
      when.difficulty === undefined
        ? undefined
        : t('route.difficulty', { min: format.decimal(when.difficulty.min ?? 0, 2), max: format.decimal(when.difficulty.max ?? 1, 2) }),
      flag(when.tools, 'tools'),
      flag(when.images, 'images'),
      flag(when.stream, 'stream'),
      when.headers === undefined ? undefined : t('route.headers', { pairs: pairs(when.headers) }),
      when.metadata === undefined ? undefined : t('route.metadata', { pairs: pairs(when.metadata) }),
      when.claims === undefined ? undefined : t('route.claims', { pairs: pairs(when.claims) }),
      when.tenants === undefined ? undefined : t('route.tenants', { names: when.tenants.join(', ') }),
      when.matches === undefined ? undefined : t('route.matches', { n: when.matches.length }),
      when.expression,
    ]
      .filter((part) => part !== undefined)
      .join(' · ');
}
