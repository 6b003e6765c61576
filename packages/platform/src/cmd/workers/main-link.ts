import { toPlatformError } from '@maru/api/errors';
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts';

/** The channel of a worker to the main process that has started it. */
export interface MainLink {
  /** What this worker is to do. */
  readonly plan: Promise<WorkerPlan>;
  send(message: FromWorker): void;
  /** Calls back when the main process says to stop. */
  onStop(stop: () => void): void;
  /** Calls back for every other message after the plan; what has come before is given first. */
  listen(onMessage: (message: News) => void): void;
  close(): void;
}

/** What a worker hears while it serves. */
type News = Exclude<ToWorker, { type: 'begin' | 'stop' }>;

/** Binds the channel of this process. The process ends at once when the main one is gone: its data folder may belong to another soon. */
export function openMainLink(process: NodeJS.Process): MainLink {
  const { promise: plan, resolve } = Promise.withResolvers<WorkerPlan>();
  const { promise: toStop, resolve: stop } = Promise.withResolvers<void>();
  const waiting: News[] = [];
  let listener: ((message: News) => void) | undefined;
  const send = (message: FromWorker): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'begin') resolve(message.plan);
    else if (message.type === 'stop') stop();
    else if (listener === undefined) waiting.push(message);
    else listener(message);
  });
  const onGone = (): void => process.exit(1);
  process.once('disconnect', onGone);
  send({ type: 'hello' });
  return {
    plan,
    send,
    onStop: (callback) => void toStop.then(callback),
    listen(onMessage) {
      listener = onMessage;
      for (const message of waiting.splice(0)) onMessage(message);
    },
    close() {
      process.off('disconnect', onGone);
      if (process.connected) process.disconnect?.();
    },
  };
}

/** What went wrong at the start, in a form that passes a channel. */
export function failureOf(thrown: unknown): Extract<FromWorker, { type: 'failed' }> {
  const { code, message } = toPlatformError(thrown);
  return { type: 'failed', code, message };
}
