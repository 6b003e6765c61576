import { SIMULATION_MEASURES, type SimulationRow } from '@maru/api/wire';
import type { SweepPort } from '#control';
import { TWIN_PROFILES, twinProfile } from '#engines';
import type { Estimate, SweepRow } from '#simulate';
import { embeddedTraces } from './places.ts';

/** The simulator behind the console: one thread in the background, however many combinations there are. */
export function createSweeps(): SweepPort {
  return {
    profiles: TWIN_PROFILES.map((name) => {
      const { title, status, source } = twinProfile(name);
      return { name, title, status, source };
    }),
    traces: embeddedTraces(),
    play: async (order, options) => void (await (await simulator()).runSweep(order, { ...options, threads: 1, background: true })),
    played: async (statePath) => (await simulator()).readSweepState(statePath).length,
    rows: async (statePath) => {
      const { readSweepState, sweepRows } = await simulator();
      return sweepRows(readSweepState(statePath)).map(toRow);
    },
    report: async (statePath, head) => {
      const { readSweepState, renderReport, sweepRows } = await simulator();
      return renderReport(sweepRows(readSweepState(statePath)), head);
    },
  };
}

/** Loaded at the first simulation. */
const simulator = () => import('#simulate');

const toRow = (row: SweepRow): SimulationRow => ({
  policy: row.policy,
  speed: row.rateScale,
  replicas: row.replicas,
  seeds: row.seeds,
  requests: row.sample.requests,
  collapsed: row.collapsed,
  values: measuresOf(row.values),
  deltas: measuresOf(row.deltas),
  ttftCurve: row.sample.ttftCurve.map(([ms, share]): [number, number] => [ms, share]),
});

/** What is known, and can be written as JSON. */
function measuresOf(values: SweepRow['values']): SimulationRow['values'] {
  const known = SIMULATION_MEASURES.flatMap((name): [string, Estimate][] => {
    const estimate = values[name];
    return estimate === undefined || !Number.isFinite(estimate.mean) ? [] : [[name, { mean: estimate.mean, plusMinus: estimate.plusMinus }]];
  });
  return Object.fromEntries(known);
}
