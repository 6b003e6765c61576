import { ROUTE_STRATEGIES, type RouteStrategy } from '@maru/api/resources';
import { isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import { toTexts } from './read-value.ts';
import type { RouteSettings } from './route-settings.ts';

const STRATEGIES: Readonly<Record<string, RouteStrategy>> = {
  'simple-shuffle': 'simple-shuffle',
  'least-busy': 'least-busy',
  'usage-based-routing': 'usage',
  'usage-based-routing-v2': 'usage',
  'latency-based-routing': 'latency',
  'cost-based-routing': 'cost',
  priority: 'priority',
};

/** Gives the strategy of a group: that of its routing group, else the general one. */
export function readStrategies(settings: RouteSettings, notices: Notices): (group: string) => RouteStrategy {
  const read = (value: unknown, path: readonly (string | number)[]): RouteStrategy => {
    const known = typeof value === 'string' ? STRATEGIES[value] : undefined;
    if (known === undefined && value !== undefined)
      notices.warn(path, `the strategy "${String(value)}" is not known; simple-shuffle is used. There are ${ROUTE_STRATEGIES.join(', ')}`);
    return known ?? 'simple-shuffle';
  };
  const general = settings.find('routing_strategy');
  const usual = general === undefined ? 'simple-shuffle' : read(general.value, general.path);
  const own = new Map<string, RouteStrategy>();
  const groups = settings.find('routing_groups');
  for (const [index, item] of (Array.isArray(groups?.value) ? (groups.value as unknown[]) : []).entries()) {
    if (!isMap(item)) continue;
    const path = ['router_settings', 'routing_groups', index];
    const strategy = read(item['routing_strategy'], [...path, 'routing_strategy']);
    if (item['routing_strategy_args'] !== undefined) notices.warn([...path, 'routing_strategy_args'], 'the strategy has no such settings; it is left out');
    if (isMap(item['model_priorities']))
      notices.warn([...path, 'model_priorities'], 'models are not called in the place of each other; write the order into litellm_params, or fallbacks');
    for (const model of toTexts(item['models']) ?? []) own.set(model, strategy);
  }
  return (group) => own.get(group) ?? usual;
}
