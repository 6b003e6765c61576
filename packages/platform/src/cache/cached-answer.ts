import { usageSchema } from '@maru/api/records';
import { z } from 'zod';

/** One write of an answer, with its distance from the first one. */
export interface AnswerPiece {
  readonly afterMs: number;
  readonly bytes: Buffer;
}

const headSchema = z.object({
  v: z.literal(1),
  model: z.string(),
  endpoint: z.string(),
  provider: z.string(),
  servedName: z.string(),
  simulated: z.boolean(),
  contentType: z.string(),
  createdMs: z.number(),
  costNanoUsd: z.number().int().nullable(),
  usage: usageSchema,
});

/** An answer as the first client got it. */
export interface CachedAnswer extends Omit<z.infer<typeof headSchema>, 'v'> {
  readonly pieces: readonly AnswerPiece[];
}

/** Bytes for a store: a line of JSON, then the pieces one behind the other. */
export function encodeAnswer(answer: CachedAnswer): Buffer {
  const { pieces, ...head } = answer;
  const line = JSON.stringify({ v: 1, ...head, pieces: pieces.map((piece) => [piece.afterMs, piece.bytes.length]) });
  return Buffer.concat([Buffer.from(`${line}\n`), ...pieces.map((piece) => piece.bytes)]);
}

const storedSchema = headSchema.extend({ pieces: z.array(z.tuple([z.number().nonnegative(), z.number().int().nonnegative()])) });

/** Undefined for bytes that are damaged or of another version. */
export function decodeAnswer(bytes: Buffer): CachedAnswer | undefined {
  const end = bytes.indexOf(10);
  const parsed = end < 0 ? undefined : storedSchema.safeParse(parseJson(bytes.toString('utf8', 0, end)));
  if (parsed?.success !== true) return undefined;
  const { v: _version, pieces: sizes, ...head } = parsed.data;
  const pieces: AnswerPiece[] = [];
  let at = end + 1;
  for (const [afterMs, length] of sizes) {
    pieces.push({ afterMs, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return at === bytes.length ? { ...head, pieces } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
