import type { EngineView } from './engine-view.ts';
import type { MetricSample } from './metric-sample.ts';

/** A metric: its name, and its samples of one engine; none where the engine does not have what it counts. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly samples: (view: EngineView) => readonly MetricSample[];
}

/** How a kind of engine names what it tells. */
export interface MetricDialect {
  readonly families: readonly MetricFamily[];
  /** Labels of every line of an engine. */
  readonly labels: (view: EngineView) => string;
}

/** The metrics of the ranks of one server in the text format of Prometheus. */
export function renderMetrics(dialect: MetricDialect, views: readonly EngineView[]): string {
  const lines: string[] = [];
  for (const { name, type, samples } of dialect.families) {
    const found = views.flatMap((view) => samples(view).map((sample) => lineOf(name, dialect.labels(view), sample)));
    if (found.length > 0) lines.push(`# TYPE ${name} ${type}`, ...found);
  }
  return `${lines.join('\n')}\n`;
}

/** A metric with one value per engine. */
export const single = (name: string, type: MetricFamily['type'], value: (view: EngineView) => number | undefined): MetricFamily => ({
  name,
  type,
  samples: (view) => {
    const found = value(view);
    return found === undefined ? [] : [{ value: found }];
  },
});

/** A label's value can not break the line that it stands in. */
export const labelValue = (text: string): string => text.replace(/["\\\n]/g, '_');

const lineOf = (name: string, labels: string, { suffix = '', labels: more, value }: MetricSample): string =>
  `${name}${suffix}{${labels}${more === undefined ? '' : `,${more}`}} ${value}`;
