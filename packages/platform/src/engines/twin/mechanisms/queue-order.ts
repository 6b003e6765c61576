import type { Sequence } from '../sequence.ts';

/** In which order sequences are served, and who gives way. */
export interface QueueOrder {
  /** A new sequence waits. */
  enter(waiting: Sequence[], sequence: Sequence): void;
  /** A preempted sequence waits again. */
  enterAgain(waiting: Sequence[], sequence: Sequence): void;
  /** Place of the running sequence that gives its blocks back when memory runs out. */
  victim(running: readonly Sequence[]): number;
}

/** First come, first served; the youngest gives way and comes first when there is room again. */
export const FIRST_COME: QueueOrder = Object.freeze<QueueOrder>({
  enter: (waiting, sequence) => void waiting.push(sequence),
  enterAgain: (waiting, sequence) => void waiting.unshift(sequence),
  victim: (running) => running.length - 1,
});

/** The lowest value of `priority` first, of equal ones the oldest; the last in that order gives way, wherever it stands in the batch. */
export const BY_PRIORITY: QueueOrder = Object.freeze<QueueOrder>({
  enter: insert,
  enterAgain: insert,
  victim: (running) => {
    let place = running.length - 1;
    for (let index = place - 1; index >= 0; index -= 1) {
      const [sequence, worst] = [running[index], running[place]];
      if (sequence !== undefined && worst !== undefined && isBefore(worst, sequence)) place = index;
    }
    return place;
  },
});

const isBefore = (left: Sequence, right: Sequence): boolean =>
  left.priority < right.priority || (left.priority === right.priority && left.arrivalMs < right.arrivalMs);

/** Behind all that are not after it, so that what came at one time keeps its order. */
function insert(waiting: Sequence[], sequence: Sequence): void {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = waiting[middle];
    if (other !== undefined && isBefore(sequence, other)) high = middle;
    else low = middle + 1;
  }
  waiting.splice(low, 0, sequence);
}
