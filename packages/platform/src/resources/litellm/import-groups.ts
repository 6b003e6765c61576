import { API_VERSION } from '@maru/api/resources';
import { checkResource, formatPath } from '../parse-resources.ts';
import type { Entry } from './entry.ts';
import { isMap, readEntries } from './entry.ts';
import { expandWildcards } from './expand-wildcards.ts';
import { isActive } from './is-active.ts';
import type { MergedConfig } from './merge-includes.ts';
import { createNames } from './names.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import { readAliases } from './read-aliases.ts';
import { readFallbacks } from './read-fallbacks.ts';
import { toFlag, toTexts } from './read-value.ts';
import { readRouteSettings } from './route-settings.ts';
import { readStrategies } from './strategy.ts';
import { toBackends } from './to-backend.ts';
import { toModel } from './to-model.ts';
import { toRecovery } from './to-recovery.ts';
import { toRouteExtras } from './to-route-extras.ts';
import type { Variables } from './variables.ts';

/** A resource as it would be written, with the place in the configuration that it comes from. */
export interface ImportedValue {
  readonly value: unknown;
  readonly path: Path;
}

/** Each `model_name` becomes one Route, and each entry of `model_list` one Model behind it. */
export function importGroups(config: MergedConfig, variables: Variables, notices: Notices): readonly ImportedValue[] {
  const settings = readRouteSettings(config, variables);
  const defaults = settings.value('default_litellm_params');
  const read = readEntries({ config, variables, notices, defaults: isMap(defaults) ? defaults : {} });
  const entries = expandWildcards(read, variables, notices).filter((entry) => isActive(entry, variables, notices));
  const names = createNames(entries.map((entry) => entry.group));
  const dropParams = toFlag(settings.value('drop_params')) === true;
  const byGroup = new Map<string, { entry: Entry; model: string; value: unknown }[]>();
  const byId = new Map<string, string>();
  for (const entry of entries) {
    const before = byGroup.get(entry.group) ?? [];
    const name = names.next(names.ofGroup(entry.group), String(before.length + 1));
    const model = toModel({ entry, name, variables, notices, dropParams });
    if (model === undefined) continue;
    const [issue] = checkResource(model).issues;
    if (issue !== undefined) {
      notices.warn(entry.path, `${formatPath(issue.path)}: ${issue.message}; the deployment is left out`);
      continue;
    }
    byGroup.set(entry.group, [...before, { entry, model: name, value: model }]);
    byId.set(model.metadata.annotations['litellm.ai/model-id'] ?? '', name);
  }

  const aliases = readAliases({ settings, notices, groups: new Set(byGroup.keys()) });
  const aliased = new Map([...aliases].flatMap(([group, list]) => list.map((alias) => [alias.name, group] as const)));
  const resourceOf = (name: string): string | undefined => {
    const group = byGroup.has(name) ? name : aliased.get(name);
    return group === undefined ? byId.get(name) : names.ofGroup(group);
  };
  const fallbacksOf = readFallbacks({ settings, notices, resourceOf });
  const strategyOf = readStrategies(settings, notices);
  const extras = toRouteExtras({ config, variables, notices, modelOf: (group) => byGroup.get(group)?.[0]?.model });
  const tagged = toFlag(settings.value('enable_tag_filtering')) === true;

  return [...byGroup].flatMap(([group, deployments]) => {
    const name = names.ofGroup(group);
    const others = [...(name === group ? [] : [group]), ...(aliases.get(group) ?? []).map((alias) => alias.name)];
    const unlisted = (aliases.get(group) ?? []).filter((alias) => alias.hidden).map((alias) => alias.name);
    const accessGroups = [...new Set(deployments.flatMap(({ entry }) => toTexts(entry.info['access_groups']) ?? []))];
    const fallbacks = fallbacksOf(group);
    const backends = toBackends(deployments, settings, notices).map((backend) => {
      const { tags, ...rest } = backend;
      return tagged && tags !== undefined ? backend : rest;
    });
    const route = {
      apiVersion: API_VERSION,
      kind: 'Route',
      metadata: {
        name,
        ...(name === group ? {} : { labels: { 'maru.dev/listed': 'false' } }),
        annotations: { 'litellm.ai/model-name': group, ...(accessGroups.length === 0 ? {} : { 'maru.dev/model-groups': accessGroups.join(',') }) },
      },
      spec: {
        ...(others.length === 0 ? {} : { aliases: others }),
        ...(unlisted.length === 0 ? {} : { unlistedAliases: unlisted }),
        backends,
        strategy: strategyOf(group),
        ...(fallbacks.length === 0 ? {} : { fallbacks }),
        ...toRecovery({ group, entries: deployments.map(({ entry }) => entry), settings, notices }),
        ...extras,
      },
    };
    const path = deployments[0]?.entry.path ?? ['model_list'];
    return [...deployments.map((deployment) => ({ value: deployment.value, path: deployment.entry.path })), { value: route, path }];
  });
}
