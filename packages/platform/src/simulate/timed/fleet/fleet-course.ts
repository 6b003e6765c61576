import type { FleetCourse, FleetMark, FleetPoint } from '../../report/result.ts';

/** Remembers how a fleet went, in bounded memory. */
export interface FleetRecorder {
  note(point: FleetPoint): void;
  /** A node is to be taken away. */
  notice(atMs: number): void;
  read(): FleetCourse;
}

/** Beyond so many points every second one is left out. */
const MAX_POINTS = 400;
const MAX_NOTICES = 200;

export function createFleetRecorder(): FleetRecorder {
  let points: FleetPoint[] = [];
  const notices: FleetMark[] = [];
  return {
    note: (point) => {
      const last = points.at(-1);
      if (last !== undefined && last.ready === point.ready && last.starting === point.starting && last.nodes === point.nodes) return;
      // What happens at one time is one change.
      if (last?.atMs === point.atMs) points.pop();
      points.push(point);
      if (points.length > MAX_POINTS) points = points.filter((_point, index) => index % 2 === 0);
    },
    notice: (atMs) => {
      if (notices.length < MAX_NOTICES) notices.push({ atMs });
    },
    read: () => ({ points: [...points], notices: [...notices] }),
  };
}
