import type { Lesson } from '../state/lesson.ts';

/** What an endpoint has taught this router. */
export interface EndpointLesson {
  readonly endpoint: string;
  readonly lesson: Lesson;
}

/** Lessons that others are to be told of, from its opening on; the oldest are let go where there are too many. */
export class LessonJournal {
  readonly #most: number;
  #entries: EndpointLesson[] | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  open(): void {
    this.#entries ??= [];
  }

  add(lesson: EndpointLesson): void {
    const entries = this.#entries;
    if (entries === undefined) return;
    entries.push(lesson);
    // Cut by halves, so that nothing is moved for each of them.
    if (entries.length > this.#most) this.#entries = entries.slice(-Math.ceil(this.#most / 2));
  }

  /** Everything since the last time, oldest first. */
  take(): readonly EndpointLesson[] {
    const entries = this.#entries;
    if (entries === undefined || entries.length === 0) return NONE;
    this.#entries = [];
    return entries;
  }
}

const NONE: readonly EndpointLesson[] = Object.freeze([]);
