import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { NewSimulation, Simulation, SimulationDetail, SimulationTrace } from '@maru/api/wire';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { SimulationPorts } from '../ports.ts';
import { checkSize, combinationsOf, isMade, MADE_TRAFFIC, MAX_COMBINATIONS, MAX_REQUESTS, toSweepOrder } from './plan-simulation.ts';
import { reportHead } from './report-head.ts';
import { openSimulationFolder, type StoredTrace } from './simulation-folder.ts';
import type { SweepPort } from './sweep-port.ts';
import { checkTraceHead } from './trace-head.ts';

/** Simulations that are kept; the oldest ended one makes room. */
const MAX_KEPT = 50;
const MAX_WAITING = 10;
const MAX_UPLOADS = 10;

export interface SimulationsOptions {
  /** Folder of its own in the data folder. */
  readonly folder: string;
  /** Bytes of one uploaded trace. */
  readonly maxUploadBytes: number;
  readonly sweeps: SweepPort;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Simulations of the console: one plays at a time, the others wait; nothing is read before the first call. */
export interface Simulations extends SimulationPorts {
  /** Stops what plays; it is `interrupted` and can be resumed. */
  close(): Promise<void>;
}

const OPEN: ReadonlySet<Simulation['state']> = new Set(['queued', 'running']);
const RESUMABLE: ReadonlySet<Simulation['state']> = new Set(['cancelled', 'interrupted', 'failed']);

export function createSimulations(options: SimulationsOptions): Simulations {
  const { sweeps, clock, ids, log } = options;
  const folder = openSimulationFolder(options.folder);
  const simulations = new Map<string, Simulation>();
  const uploads = new Map<string, StoredTrace>();
  const read = new Map<string, { readonly done: number; readonly rows: SimulationDetail['rows'] }>();
  let loaded: Promise<void> | undefined;
  let playing: { readonly id: string; readonly stop: AbortController; readonly finished: Promise<void> } | undefined;
  let closed = false;

  const put = async (simulation: Simulation): Promise<Simulation> => {
    simulations.set(simulation.id, simulation);
    await folder.save(simulation);
    return simulation;
  };

  const load = (): Promise<void> => {
    loaded ??= (async () => {
      for (const trace of await folder.traces()) uploads.set(trace.id, trace);
      const found = [...(await folder.simulations())].sort((left, right) => left.createdMs - right.createdMs);
      for (const simulation of found) {
        if (OPEN.has(simulation.state)) {
          const done = await sweeps.played(folder.statePath(simulation.id));
          await put({ ...simulation, state: 'interrupted', done, endedMs: clock.nowMs() });
        } else simulations.set(simulation.id, simulation);
      }
    })().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };

  const known = async (id: string): Promise<Simulation> => {
    await load();
    const simulation = simulations.get(id);
    if (simulation === undefined) throw new PlatformError('not_found', { message: `there is no simulation "${id}"` });
    return simulation;
  };

  const filePathOf = (trace: string): string | undefined => (uploads.has(trace) ? folder.tracePath(trace) : sweeps.traces.find(({ id }) => id === trace)?.path);

  const titleOf = (trace: string): string | undefined =>
    isMade(trace) ? MADE_TRAFFIC[trace] : (uploads.get(trace)?.title ?? sweeps.traces.find(({ id }) => id === trace)?.title);

  const play = async (first: Simulation, signal: AbortSignal): Promise<void> => {
    const { id, request } = first;
    let now = await put({ ...first, state: 'running', startedMs: clock.nowMs(), endedMs: null, error: null });
    const end = async (state: Simulation['state'], error: string | null): Promise<void> => {
      now = await put({ ...(simulations.get(id) ?? now), state, error, endedMs: clock.nowMs() });
    };
    try {
      await sweeps.play(toSweepOrder(request, filePathOf(request.trace)), {
        statePath: folder.statePath(id),
        signal,
        onProgress: (done, all) => simulations.set(id, { ...(simulations.get(id) ?? now), done, all }),
      });
      await end('succeeded', null);
    } catch (error) {
      if (isPlatformError(error, 'cancelled')) return await end(closed ? 'interrupted' : 'cancelled', null);
      if (!isPlatformError(error) || error.code === 'internal') log.error({ err: error, simulation: id }, 'simulation failed');
      await end('failed', isPlatformError(error) ? error.message : 'the simulation broke; see the log of Maru');
    }
  };

  const playNext = (): void => {
    if (playing !== undefined || closed) return;
    const next = [...simulations.values()].find(({ state }) => state === 'queued');
    if (next === undefined) return;
    const stop = new AbortController();
    const finished = play(next, stop.signal)
      .catch((error: unknown) => {
        log.error({ err: error, simulation: next.id }, 'simulation could not be kept');
        const last = simulations.get(next.id) ?? next;
        simulations.set(next.id, {
          ...last,
          state: 'failed',
          error: 'it could not be written to the data folder; see the log of Maru',
          endedMs: clock.nowMs(),
        });
      })
      .then(() => {
        playing = undefined;
        playNext();
      });
    playing = { id: next.id, stop, finished };
  };

  const makeRoom = async (): Promise<void> => {
    const ended = [...simulations.values()].filter(({ state }) => !OPEN.has(state));
    for (const { id } of ended.slice(0, Math.max(0, simulations.size - MAX_KEPT + 1))) await forget(id);
  };

  const forget = async (id: string): Promise<void> => {
    simulations.delete(id);
    read.delete(id);
    await folder.remove(id);
  };

  const queue = async (simulation: Simulation): Promise<Simulation> => {
    if ([...simulations.values()].filter(({ state }) => state === 'queued').length >= MAX_WAITING)
      throw new PlatformError('conflict', { message: `${MAX_WAITING} simulations wait already; cancel one, or wait` });
    const before = simulations.get(simulation.id);
    const queued = await put({ ...simulation, state: 'queued', error: null }).catch((cause: unknown) => {
      if (before === undefined) simulations.delete(simulation.id);
      else simulations.set(simulation.id, before);
      throw new PlatformError('storage_failed', { message: 'the simulation could not be written to the data folder', cause });
    });
    playNext();
    return simulations.get(queued.id) ?? queued;
  };

  const rowsOf = async (id: string, done: number): Promise<SimulationDetail['rows']> => {
    const last = read.get(id);
    if (last?.done === done) return last.rows;
    const rows = [...(await sweeps.rows(folder.statePath(id)))];
    read.clear();
    read.set(id, { done, rows });
    return rows;
  };

  const profileOf = ({ profile }: NewSimulation) => sweeps.profiles.find(({ name }) => name === profile);

  return {
    async options() {
      await load();
      const traces: SimulationTrace[] = [
        ...sweeps.traces.map(({ id, title }) => ({ id, title, kind: 'file' as const, bytes: null })),
        ...Object.entries(MADE_TRAFFIC).map(([id, title]) => ({ id, title, kind: 'made' as const, bytes: null })),
        ...[...uploads.values()].map((trace) => ({ ...trace, kind: 'upload' as const })),
      ];
      const limits = {
        combinations: MAX_COMBINATIONS,
        requests: MAX_REQUESTS,
        uploads: MAX_UPLOADS,
        uploadBytes: options.maxUploadBytes,
        kept: MAX_KEPT,
      };
      return { traces, profiles: [...sweeps.profiles], limits };
    },
    async list() {
      await load();
      return [...simulations.values()].reverse();
    },
    async get(id) {
      await load();
      const simulation = simulations.get(id);
      if (simulation === undefined) return undefined;
      return { simulation, profile: profileOf(simulation.request) ?? null, rows: await rowsOf(id, simulation.done) };
    },
    async start(request) {
      await load();
      const traceTitle = titleOf(request.trace);
      if (traceTitle === undefined) throw wrong('trace', `there is no trace "${request.trace}"`);
      if (profileOf(request) === undefined) throw wrong('profile', `there is no timing profile "${request.profile}"`);
      checkSize(request);
      await makeRoom();
      const created = { id: ids.next('sim'), request, traceTitle, done: 0, all: combinationsOf(request), createdMs: clock.nowMs() };
      return queue({ ...created, state: 'queued', startedMs: null, endedMs: null, error: null });
    },
    async cancel(id) {
      const simulation = await known(id);
      if (playing?.id === id) {
        playing.stop.abort();
        await playing.finished;
        return known(id);
      }
      return simulation.state === 'queued' ? put({ ...simulation, state: 'cancelled', endedMs: clock.nowMs() }) : simulation;
    },
    async resume(id) {
      const simulation = await known(id);
      if (!RESUMABLE.has(simulation.state)) throw new PlatformError('conflict', { message: `the simulation "${id}" is ${simulation.state}` });
      if (titleOf(simulation.request.trace) === undefined) throw new PlatformError('conflict', { message: 'its trace was deleted; start a new simulation' });
      return queue(simulation);
    },
    async remove(id) {
      const simulation = await known(id);
      if (OPEN.has(simulation.state)) throw new PlatformError('conflict', { message: `the simulation "${id}" is ${simulation.state}; cancel it first` });
      await forget(id);
    },
    async report(id) {
      const simulation = await known(id);
      if (simulation.done === 0) throw new PlatformError('conflict', { message: 'nothing has been played yet' });
      return sweeps.report(folder.statePath(id), reportHead(simulation, profileOf(simulation.request)));
    },
    async upload(title, bytes) {
      await load();
      if (bytes.length > options.maxUploadBytes) throw wrong('body', `a trace may have ${options.maxUploadBytes} bytes`);
      if (uploads.size >= MAX_UPLOADS) throw new PlatformError('conflict', { message: `${MAX_UPLOADS} traces are kept; delete one` });
      checkTraceHead(bytes);
      const trace = { id: ids.next('trace'), title, bytes: bytes.length };
      await folder.addTrace(trace, bytes);
      uploads.set(trace.id, trace);
      return { ...trace, kind: 'upload' };
    },
    async removeTrace(id) {
      await load();
      if (!uploads.has(id)) throw new PlatformError('not_found', { message: `there is no uploaded trace "${id}"` });
      if ([...simulations.values()].some(({ state, request }) => OPEN.has(state) && request.trace === id))
        throw new PlatformError('conflict', { message: 'a simulation plays this trace; cancel it first' });
      uploads.delete(id);
      await folder.removeTrace(id);
    },
    async close() {
      closed = true;
      playing?.stop.abort();
      await playing?.finished;
      for (const simulation of [...simulations.values()])
        if (simulation.state === 'queued') await put({ ...simulation, state: 'interrupted', endedMs: clock.nowMs() });
    },
  };
}

const wrong = (param: string, message: string): PlatformError => new PlatformError('invalid_request', { message, details: { param } });
