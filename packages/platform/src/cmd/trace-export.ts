import { PlatformError } from '@maru/api/errors';
import type { Config } from '#config';
import { createGuardedFetch, isMetadataAddress } from '#http';
import type { Clock } from '#time';
import type { TraceExport, Traces } from '#traces';
import type { MetricFamily } from './metric-family.ts';

/**
 * Where traces go besides the own database; undefined for nowhere. A collector mostly lives in a private network, so the hosts that the
 * environment names may be reached there, and no other by a redirect of theirs. Throws `config_invalid` for the address of a metadata service.
 */
export function openTraceExport(
  { traceExport: { targets }, exportContent }: Pick<Config, 'traceExport' | 'exportContent'>,
  clock: Clock,
): TraceExport | undefined {
  if (targets.length === 0) return undefined;
  const hosts = targets.map(({ url }) => new URL(url).hostname);
  const metadata = hosts.find(isMetadataAddress);
  if (metadata !== undefined) throw new PlatformError('config_invalid', { message: `traces can not be exported to ${metadata}, which is a metadata service` });
  return { targets, content: exportContent, fetch: createGuardedFetch({ clock, privateHosts: hosts, allowHosts: hosts }) };
}

/** What was exported, by target. */
export const exportMetrics = (exports: ReturnType<Traces['exports']>): readonly MetricFamily[] => {
  const samples = (value: 'sent' | 'dropped' | 'waiting'): MetricFamily['samples'] =>
    exports.map((each) => ({ labels: { target: each.target }, value: each[value] }));
  if (exports.length === 0) return [];
  return [
    { name: 'maru_export_spans_total', help: 'Spans that another system has taken.', type: 'counter', samples: samples('sent') },
    { name: 'maru_export_spans_dropped_total', help: 'Spans that could not be exported.', type: 'counter', samples: samples('dropped') },
    { name: 'maru_export_spans_waiting', help: 'Spans that wait to be exported.', type: 'gauge', samples: samples('waiting') },
  ];
};
