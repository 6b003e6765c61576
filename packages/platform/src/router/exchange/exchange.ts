import type { Clock } from '#time';
import type { EndpointStates } from '../state/endpoint-states.ts';
import { learnFromOthers } from '../state/learn.ts';
import { Elsewhere, type EndpointShare, shareOf } from './elsewhere.ts';
import { formatLine, parseLine } from './exchange-line.ts';
import type { LessonJournal } from './lesson-journal.ts';
import { PrefixJournal, type SentPrefix } from './prefix-journal.ts';

/** Another router, as it is known here. */
export interface PeerRouter {
  readonly id: string;
  /** Since its last line. */
  readonly silentMs: number;
  /** Requests that it has in flight. */
  readonly inFlight: number;
  /** Lines of it that never came. */
  readonly missed: number;
}

/**
 * What routers of one platform tell each other: what each has in flight, as a whole; which prompts it has sent where, and what their ends
 * have taught of the endpoints, as news. Lines may be lost, doubled or late; they carry no text, only numbers and names of endpoints.
 */
export interface Exchange {
  /** Takes part under this name, which no other router has; news are kept for {@link next} from now on. */
  begin(id: string): void;
  /** The line for everybody; undefined where nothing is new and the last one was not long ago. */
  next(): string | undefined;
  /** Lines for who joins now: all that is in flight, and the newest of what this router believes to be cached where. */
  whole(): readonly string[];
  /**
   * Takes a line of another router in. False for one of its own, or one that it has had, which needs no passing on. Throws
   * `invalid_request` and `not_supported`.
   */
  hear(line: string): boolean;
  /** Routers that were heard of lately. */
  peers(): readonly PeerRouter[];
}

export interface ExchangeOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly states: EndpointStates;
  /** What this router learns; opened when it takes part. */
  readonly lessons: LessonJournal;
}

/** A router that is silent for longer is taken to be gone, with all that it had in flight. */
const GONE_AFTER_MS = 3000;
const HEARTBEAT_MS = 500;
const MAX_PEERS = 256;
/** Blocks that wait to be told: two megabytes. */
const MAX_JOURNAL_BLOCKS = 262_144;
/** Blocks that a newcomer is told of, and how many of them stand in one line. */
const MAX_WHOLE_BLOCKS = 131_072;
const LINE_BLOCKS = 8192;

interface Peer {
  number: number;
  heardMs: number;
  inFlight: number;
  missed: number;
}

export interface RouterExchange extends Exchange {
  readonly elsewhere: Elsewhere;
  /** This router has sent a prompt to an endpoint. */
  sent(prefix: SentPrefix): void;
}

export function createExchange({ clock, states, lessons }: ExchangeOptions): RouterExchange {
  const elsewhere = new Elsewhere();
  const journal = new PrefixJournal(MAX_JOURNAL_BLOCKS);
  const peers = new Map<string, Peer>();
  let id = '';
  let number = 0;
  let told = '[]';
  let toldMs = Number.NEGATIVE_INFINITY;

  const loadsNow = (): Map<string, EndpointShare> => {
    const nowMs = clock.monotonicMs();
    return new Map(states.all().flatMap(({ endpoint, work }) => (work.inFlight === 0 ? [] : [[endpoint, shareOf(work, nowMs)] as const])));
  };

  const loadsChanged = (nowMs: number): void => {
    for (const { endpoint, work } of states.all()) work.beside(elsewhere.of(endpoint), nowMs);
  };

  const dropGone = (nowMs: number): void => {
    const known = peers.size;
    for (const [peer, { heardMs }] of peers) {
      if (nowMs - heardMs <= GONE_AFTER_MS) continue;
      peers.delete(peer);
      elsewhere.forget(peer);
    }
    if (peers.size < known) loadsChanged(nowMs);
  };

  return {
    elsewhere,
    begin: (name) => {
      id = name;
      lessons.open();
    },
    sent: (prefix) => {
      if (id !== '') journal.add(prefix);
    },
    next: () => {
      const nowMs = clock.monotonicMs();
      dropGone(nowMs);
      const loads = loadsNow();
      const prefixes = journal.take();
      const learned = lessons.take();
      // Waits pass by themselves: what counts as news is what has come and gone.
      const counts = JSON.stringify([...loads].map(([endpoint, { inFlight, prefilling, contextTokens }]) => [endpoint, inFlight, prefilling, contextTokens]));
      if (prefixes.length === 0 && learned.length === 0 && counts === told && nowMs - toldMs < HEARTBEAT_MS) return undefined;
      told = counts;
      toldMs = nowMs;
      number += 1;
      return formatLine({ from: id, number, whole: false, loads, prefixes, lessons: learned });
    },
    whole: () => {
      const all = states.all();
      const share = Math.ceil(MAX_WHOLE_BLOCKS / Math.max(1, all.length));
      const parts = all.flatMap(({ endpoint, index }) => inParts(endpoint, index.newest(share)));
      const loads = loadsNow();
      return [
        formatLine({ from: id, number, whole: true, loads, prefixes: [], lessons: [] }),
        ...parts.map((prefix) => formatLine({ from: id, number, whole: true, loads, prefixes: [prefix], lessons: [] })),
      ];
    },
    hear: (line) => {
      const news = parseLine(line);
      if (news.from === id) return false;
      const nowMs = clock.monotonicMs();
      dropGone(nowMs);
      const known = peers.get(news.from);
      if (known === undefined && peers.size >= MAX_PEERS) return false;
      const isOld = known !== undefined && (news.whole ? news.number < known.number : news.number <= known.number);
      if (isOld && !news.whole) return false;
      // What was cached stays cached; what was in flight before may have ended since.
      for (const { endpoint, hashes } of news.prefixes) states.named(endpoint).index.insert(hashes);
      for (const { endpoint, lesson } of news.lessons) learnFromOthers(states.named(endpoint), lesson);
      if (isOld) return true;
      const missed = known === undefined || news.whole ? 0 : news.number - known.number - 1;
      const inFlight = [...news.loads.values()].reduce((sum, share) => sum + share.inFlight, 0);
      peers.set(news.from, { number: news.number, heardMs: nowMs, inFlight, missed: (known?.missed ?? 0) + missed });
      elsewhere.set(news.from, news.loads);
      loadsChanged(nowMs);
      return true;
    },
    peers: () => {
      const nowMs = clock.monotonicMs();
      dropGone(nowMs);
      return [...peers].map(([peer, { heardMs, inFlight, missed }]) => ({ id: peer, silentMs: nowMs - heardMs, inFlight, missed }));
    },
  };
}

/** Oldest part first: whoever takes them in so has the newest as the newest. */
function inParts(endpoint: string, newestFirst: Float64Array): SentPrefix[] {
  const parts: SentPrefix[] = [];
  for (let from = 0; from < newestFirst.length; from += LINE_BLOCKS) parts.push({ endpoint, hashes: newestFirst.subarray(from, from + LINE_BLOCKS) });
  return parts.reverse();
}
