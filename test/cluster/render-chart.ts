import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '../../packages/platform/src/kube/index.ts';
import { fromYaml } from '../../packages/platform/src/manifests/index.ts';

export const CHART = join(import.meta.dirname, '../../charts/maru');
export const RELEASE = { Name: 'maru', Namespace: 'chart', Service: 'Helm' };

type Values = Record<string, Record<string, unknown>>;

/** The objects of the chart, rendered by the template engine that Helm uses. */
export function renderChart(change: (values: Values) => void = () => undefined): readonly KubeObject[] {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Values;
  change(values);
  const { name, version, appVersion } = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { name: string; version: string; appVersion: string };
  const input = { Values: values, Release: RELEASE, Chart: { Name: name, Version: version, AppVersion: String(appVersion) } };
  const done = spawnSync(inject('chartRender'), [CHART], { input: JSON.stringify(input), encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the chart can not be rendered: ${done.stderr}`);
  return fromYaml(done.stdout) as readonly KubeObject[];
}
