import { isPlatformError } from '@maru/api/errors';
import { QueryClient } from '@tanstack/react-query';

const RETRIES = 2;

/** Asks again only for what may be different next time. */
export const createClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2000,
        refetchIntervalInBackground: false,
        retry: (failures, error) => failures < RETRIES && isPlatformError(error) && error.retryable && error.code !== 'upstream_garbage',
      },
    },
  });
