import type { Clock, Timer } from '#time';
import type { Replica } from '../replica.ts';
import type { Fleet } from './fleet.ts';
import { createFleetRecorder } from './fleet-course.ts';
import type { FleetFault, FleetOptions } from './fleet-options.ts';
import { createNodes, type Node } from './nodes.ts';
import { createReadyTime } from './ready-time.ts';

export interface ElasticFleetOptions extends FleetOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Replicas that are ready when the trace begins. */
  readonly replicas: number;
  readonly makeReplica: (number: number) => Replica;
  /** A replica takes requests from now on. */
  readonly onReady: () => void;
  /** A replica is gone, with what it was doing. */
  readonly onGone: (replica: Replica) => void;
  /** Nothing is to come any more: what would happen later does not. */
  readonly isOver: () => boolean;
}

interface Member {
  readonly number: number;
  node: Node;
  replica: Replica;
  phase: 'starting' | 'ready' | 'draining' | 'gone';
  timer: Timer | undefined;
}

const FAULT_MS = 60_000;
const SLOW_FACTOR = 3;
const NOTICE_MS = 120_000;

/** A fleet whose replicas start on nodes, drain and go, in virtual time, as it is told and as its faults will have it. */
export function createElasticFleet(options: ElasticFleetOptions): Fleet {
  const { clock, coldStart, random, spot } = options;
  const members: Member[] = [];
  const ever: Replica[] = [];
  const readyTime = createReadyTime();
  const course = createFleetRecorder();
  let ready: readonly Replica[] = [];
  let made = 0;
  const counts = { scaleUps: 0, scaleDowns: 0, interruptions: 0 };

  const inPhase = (phase: Member['phase']): readonly Member[] => members.filter((member) => member.phase === phase);
  const renew = (): void => {
    ready = inPhase('ready').map((member) => member.replica);
    readyTime.set(clock.monotonicMs(), ready.length);
    record();
  };
  const record = (): void => course.note({ atMs: clock.monotonicMs(), ready: ready.length, starting: inPhase('starting').length, nodes: nodes.count() });

  const nodes = createNodes({
    ...options,
    onEnd: () => {
      if (!options.isOver()) record();
    },
    onNew: (node) => {
      if (spot === undefined || spot.interruptionsPerNodeHour === 0) return;
      const afterMs = (-Math.log(1 - random()) * 3_600_000) / spot.interruptionsPerNodeHour;
      clock.schedule(afterMs, () => {
        if (!options.isOver()) interrupt(node);
      });
    },
  });

  const become = (member: Member): void => {
    member.timer = undefined;
    member.phase = 'ready';
    renew();
    options.onReady();
  };
  const begin = (member: Member, startMs: number): void => {
    member.phase = 'starting';
    member.timer = clock.schedule(startMs, () => become(member));
    record();
  };
  const add = (): Member => {
    const { node, startMs } = nodes.take();
    const member: Member = { number: made, node, replica: options.makeReplica(made), phase: 'starting', timer: undefined };
    made += 1;
    members.push(member);
    ever.push(member.replica);
    if (clock.monotonicMs() === 0) member.phase = 'ready';
    else begin(member, startMs);
    return member;
  };
  /** The process is gone; the member has no replica until it starts again. */
  const stop = (member: Member): void => {
    member.timer?.cancel();
    member.timer = undefined;
    const worked = member.phase === 'ready' || member.phase === 'draining';
    member.phase = 'gone';
    renew();
    if (worked) options.onGone(member.replica);
    member.replica.driver.close();
  };
  const remove = (member: Member): void => {
    if (member.phase === 'gone') return;
    stop(member);
    members.splice(members.indexOf(member), 1);
    nodes.leave(member.node);
    record();
  };
  const restart = (member: Member, startMs: number): void => {
    stop(member);
    member.replica = options.makeReplica(member.number);
    ever.push(member.replica);
    begin(member, startMs);
  };
  const drain = (member: Member): void => {
    if (member.phase === 'starting') {
      remove(member);
      return;
    }
    member.phase = 'draining';
    renew();
    member.timer = clock.schedule(options.drainMs, () => remove(member));
    if (isIdle(member.replica)) remove(member);
  };

  /** What the cloud takes away is replaced at once; what it was doing may be finished until the notice is over. */
  const interrupt = (node: Node): void => {
    if (node.closed) return;
    counts.interruptions += 1;
    course.notice(clock.monotonicMs());
    node.closed = true;
    const mine = members.filter((member) => member.node === node);
    const lost = mine.filter((member) => member.phase !== 'draining').length;
    for (const member of mine) if (member.phase !== 'draining') drain(member);
    clock.schedule(spot?.noticeMs ?? NOTICE_MS, () => {
      for (const member of members.filter((each) => each.node === node)) remove(member);
      nodes.lose(node);
    });
    for (let count = 0; count < lost; count += 1) add();
  };

  const crash = (member: Member): void => {
    if (member.phase === 'draining') remove(member);
    else restart(member, coldStart.weightsMs);
  };
  /** The GPU is lost, and the node with it: its replicas begin on another one. */
  const loseGpu = (node: Node): void => {
    node.closed = true;
    for (const member of members.filter((each) => each.node === node)) {
      if (member.phase === 'draining') remove(member);
      else {
        const taken = nodes.take();
        nodes.leave(node);
        member.node = taken.node;
        restart(member, taken.startMs);
      }
    }
  };
  const disturb = ({ driver }: Replica, factor: number, durationMs: number): void => {
    driver.pace(factor);
    clock.schedule(durationMs, () => driver.pace(1));
  };
  const befall = ({ kind, replica: number, durationMs = FAULT_MS, factor = SLOW_FACTOR }: FleetFault): void => {
    const member = members.find((each) => each.number === number);
    if (member === undefined || member.phase === 'starting' || options.isOver()) return;
    if (kind === 'crash') crash(member);
    else if (kind === 'xid') loseGpu(member.node);
    else if (kind === 'spot-notice') interrupt(member.node);
    else disturb(member.replica, kind === 'hang' ? 0 : 1 / factor, durationMs);
  };

  const scaleTo = (wanted: number): void => {
    const size = Math.min(options.most, Math.max(options.least, wanted));
    const now = inPhase('starting').length + inPhase('ready').length;
    if (size > now) counts.scaleUps += 1;
    if (size < now) counts.scaleDowns += 1;
    for (let count = now; count < size; count += 1) add();
    if (size >= now) return;
    const fewestFirst = [...inPhase('ready')].sort((left, right) => inFlight(left.replica) - inFlight(right.replica) || right.number - left.number);
    for (const member of [...[...inPhase('starting')].reverse(), ...fewestFirst].slice(0, now - size)) drain(member);
  };

  for (let count = 0; count < options.replicas; count += 1) add();
  renew();
  for (const each of options.faults ?? []) clock.schedule(each.atMs, () => befall(each));

  return {
    ready: () => ready,
    ever: () => ever,
    pending: () => inPhase('starting').length,
    relieved: (replica) => {
      const member = members.find((each) => each.replica === replica);
      if (member?.phase === 'draining') remove(member);
    },
    scaleTo,
    counts: (untilMs) => ({ ...counts, nodeHours: nodes.hours(untilMs), ...readyTime.read(untilMs), course: course.read() }),
  };
}

const inFlight = ({ core, driver }: Replica): number => core.queues.running.length + core.queues.waiting.length + driver.arriving();

const isIdle = (replica: Replica): boolean => inFlight(replica) === 0;
