export interface StopSignals {
  /** Aborted at the first SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  release(): void;
}

/** The first signal asks to stop in order; the second ends the process at once. */
export function stopSignals(process: NodeJS.Process): StopSignals {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    controller.abort(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
