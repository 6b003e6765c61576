import { z } from 'zod';

/** What only the client can say: which model, what is asked, and how the answer is to come. */
const OF_THE_CLIENT = ['model', 'messages', 'prompt', 'input', 'contents', 'documents', 'query', 'stream', 'stream_options', 'previous_response_id', 'user'];
const MAX_BYTES = 64 * 1024;

/** Fields of a request that hold where a client does not set them. */
export const requestDefaultsSchema = z
  .record(z.string().min(1).max(128), z.unknown())
  .refine((defaults) => OF_THE_CLIENT.every((name) => !Object.hasOwn(defaults, name)), {
    message: `a request itself says ${OF_THE_CLIENT.join(', ')}`,
  })
  .refine((defaults) => JSON.stringify(defaults).length <= MAX_BYTES, { message: `takes at most ${MAX_BYTES} bytes` });
