import { runEventSchema } from '@maru/api/wire';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { runQuery } from './queries.ts';
import { send } from './request.ts';
import { readEvents } from './sse.ts';

const POLL_MS = 1500;

/**
 * Follows a run while it is active: each step refreshes the run, text is returned as it comes.
 * Where the stream can not be had the run is asked again and again instead.
 */
export function useRunEvents(id: string, active: boolean): string {
  const client = useQueryClient();
  const [text, setText] = useState('');
  useEffect(() => {
    if (!active) return;
    setText('');
    const controller = new AbortController();
    let timer: ReturnType<typeof setInterval> | undefined;
    const refresh = (): void => {
      void client.invalidateQueries({ queryKey: runQuery(id).queryKey });
    };
    const follow = async (): Promise<void> => {
      try {
        const response = await send(`/api/v1/runs/${encodeURIComponent(id)}/events`, { signal: controller.signal, headers: { accept: 'text/event-stream' } });
        for await (const { data } of readEvents(response)) {
          const event = runEventSchema.safeParse(JSON.parse(data));
          if (!event.success) continue;
          if (event.data.type === 'text-delta') {
            const { text: piece } = event.data;
            setText((previous) => previous + piece);
          } else refresh();
        }
      } catch {
        // The poll below goes on without the stream.
      }
      if (controller.signal.aborted) return;
      refresh();
      timer = setInterval(refresh, POLL_MS);
    };
    void follow();
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [client, id, active]);
  return text;
}
