import type { RoutedEndpoint } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { usePollMs } from '../../api/live.ts';
import { calibrationQuery } from '../../api/routing.ts';
import { LineChart } from '../../components/chart/chart.tsx';
import { LineLegend } from '../../components/chart/legend.tsx';
import { formatTick } from '../../components/chart/time-ticks.ts';
import { Select } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { useRange } from '../../shell/use-range.ts';
import { calibrationCourse } from './calibration-course.ts';

const ALL = '';

/** Predicted beside real over time: first tokens and cache hits. */
export function CalibrationPanel({ endpoints }: { readonly endpoints: readonly RoutedEndpoint[] }) {
  const t = useT();
  const range = useRange();
  const pollMs = usePollMs(10_000);
  const [endpoint, setEndpoint] = useState(ALL);
  const query = useQuery({ ...calibrationQuery(range), refetchInterval: pollMs, placeholderData: (previous) => previous });
  return (
    <Panel
      title={t('routing.calibration')}
      hint={t('routing.calibrationHint')}
      actions={
        <Select
          label={t('routing.endpointOf')}
          value={endpoint}
          choices={[{ value: ALL, label: t('routing.allEndpoints') }, ...endpoints.map((row) => ({ value: row.endpoint, label: row.endpoint }))]}
          onChange={setEndpoint}
        />
      }
    >
      <QueryView query={query} skeleton={<SkeletonRows rows={6} />}>
        {({ items, stretchMs }) => (
          <Course points={items.filter((point) => endpoint === ALL || point.endpoint === endpoint)} stretchMs={stretchMs} untilMs={query.dataUpdatedAt} />
        )}
      </QueryView>
    </Panel>
  );
}

interface CourseProps {
  readonly points: Parameters<typeof calibrationCourse>[0];
  readonly stretchMs: number;
  readonly untilMs: number;
}

/** At least so many stretches are drawn, so that the first one is not a line by itself. */
const LEAST_STRETCHES = 6;

function Course({ points, stretchMs, untilMs }: CourseProps) {
  const t = useT();
  const format = useFormat();
  const course = useMemo(() => calibrationCourse(points, stretchMs), [points, stretchMs]);
  const labels = [t('routing.predicted'), t('routing.real')];
  if (course.ttft.real.length === 0 && course.hit.real.length === 0) return <p className="px-4 py-3 text-12 text-second">{t('routing.noCalibration')}</p>;
  const toMs = Math.ceil(untilMs / stretchMs) * stretchMs;
  const fromMs = Math.min(toMs - LEAST_STRETCHES * stretchMs, ...points.map(({ atMs }) => atMs - stretchMs));
  const ticks = formatTick(format.language);
  return (
    <div className="grid grid-cols-1 divide-y divide-line wide:grid-cols-2 wide:divide-x wide:divide-y-0">
      <figure className="min-w-0 px-2 pt-3 pb-2">
        <Caption
          title={t('routing.ttftOverTime')}
          note={course.ttft.errorMs === null ? undefined : t('routing.ttftOff', { time: format.duration(course.ttft.errorMs) })}
          labels={labels}
        />
        <LineChart
          label={t('routing.ttftOverTime')}
          x="time"
          height={180}
          rangeX={[fromMs, toMs]}
          lines={labels.map((label, index) => ({ label, points: index === 0 ? course.ttft.predicted : course.ttft.real }))}
          formatX={ticks}
          formatY={(value) => format.duration(value)}
        />
      </figure>
      <figure className="min-w-0 px-2 pt-3 pb-2">
        <Caption
          title={t('routing.hitOverTime')}
          note={course.hit.error === null ? undefined : t('routing.hitOff', { points: format.decimal(course.hit.error * 100, 1) })}
          labels={[t('common.expected'), t('common.realised')]}
        />
        <LineChart
          label={t('routing.hitOverTime')}
          x="time"
          height={180}
          rangeX={[fromMs, toMs]}
          maxY={1}
          lines={labels.map((label, index) => ({ label, points: index === 0 ? course.hit.predicted : course.hit.real }))}
          formatX={ticks}
          formatY={(value) => format.percent(value)}
        />
      </figure>
    </div>
  );
}

function Caption({ title, note, labels }: { readonly title: string; readonly note: string | undefined; readonly labels: readonly string[] }) {
  return (
    <figcaption className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-2 pb-1">
      <span className="text-12">
        <span className="font-medium">{title}</span>
        {note === undefined ? null : <span className="text-third"> · {note}</span>}
      </span>
      <LineLegend labels={labels} />
    </figcaption>
  );
}
