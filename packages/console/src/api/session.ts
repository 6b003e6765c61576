import { isPlatformError } from '@maru/api/errors';
import { type SessionInfo, sessionSchema } from '@maru/api/wire';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { request, send } from './request.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<SessionInfo | null> => {
    try {
      return await request(sessionSchema, '/api/v1/session', { signal });
    } catch (error) {
      if (isPlatformError(error) && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Logs in with a key; the server answers with a cookie that scripts can not read. */
export const logIn = async (key: string): Promise<void> => {
  await send('/api/v1/session', { method: 'POST', body: { key } });
};

export const logOut = async (): Promise<void> => {
  await send('/api/v1/session', { method: 'DELETE' });
};

/** Won per dollar, or null where the operator has set no rate. */
export function useKrwRate(): number | null {
  const { data } = useQuery({ ...sessionQuery, enabled: false });
  return data?.krwPerUsd ?? null;
}
