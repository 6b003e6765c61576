/** States of `grpc.health.v1`. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

/** Service names that are asked for, and whether they tell more than that the process lives. */
const SERVICES: Readonly<Record<string, 'alive' | 'ready'>> = {
  liveness: 'alive',
  '': 'ready',
  readiness: 'ready',
  'envoy.service.ext_proc.v3.ExternalProcessor': 'ready',
};

/** Whether the picker may be sent requests. */
export interface Health {
  /** Undefined for a service that there is none of. */
  statusOf(service: string): number | undefined;
  setReady(ready: boolean): void;
  /** Tells the state now and whenever it changes, until the returned function is called or the end is told. */
  watch(service: string, tell: { readonly status: (status: number) => void; readonly end: () => void }): () => void;
  /** Not ready, and nobody is told anything more. */
  close(): void;
}

/** Not ready at first. */
export function createHealth(): Health {
  let isReady = false;
  const watches = new Map<() => void, () => void>();
  const statusOf = (service: string): number | undefined => {
    const kind = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
    if (kind === undefined) return undefined;
    return kind === 'alive' || isReady ? SERVING : NOT_SERVING;
  };
  const setReady = (ready: boolean): void => {
    if (ready === isReady) return;
    isReady = ready;
    for (const tell of watches.keys()) tell();
  };
  return {
    statusOf,
    setReady,
    watch(service, tell) {
      const tellNow = (): void => tell.status(statusOf(service) ?? SERVICE_UNKNOWN);
      tellNow();
      watches.set(tellNow, tell.end);
      return () => watches.delete(tellNow);
    },
    close() {
      setReady(false);
      for (const end of watches.values()) end();
      watches.clear();
    },
  };
}
