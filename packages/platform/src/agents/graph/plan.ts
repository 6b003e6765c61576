import { z } from 'zod';

export const MAX_PLAN_STEPS = 10;

export const PLAN_PROMPT = [
  'Plan how to answer the last message of the user with the tools that you have.',
  'Reply with a JSON array of one to five short strings, one per step, in order, and nothing else.',
  'When one step is enough, give one.',
].join(' ');

/**
 * Steps out of a planner's reply: a JSON array of strings, or a numbered or bulleted list.
 * Anything else is no plan, and the run goes on with the question as its only step.
 */
export function parsePlan(reply: string): readonly string[] {
  return fromJson(reply) ?? fromList(reply);
}

const planSchema = z.array(z.string().trim().min(1).max(2_000)).min(1);

function fromJson(reply: string): readonly string[] | undefined {
  const begin = reply.indexOf('[');
  const end = reply.lastIndexOf(']');
  if (begin < 0 || end < begin) return undefined;
  try {
    const parsed = planSchema.safeParse(JSON.parse(reply.slice(begin, end + 1)));
    return parsed.success ? parsed.data.slice(0, MAX_PLAN_STEPS) : undefined;
  } catch {
    return undefined;
  }
}

function fromList(reply: string): readonly string[] {
  const lines = reply
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const items = lines.map((line) => /^(?:\d{1,2}[.)]|[-*•])\s+(.{1,2000})$/.exec(line)?.[1]);
  // A list with prose around it is an answer that happens to hold a list.
  if (items.length === 0 || items.some((item) => item === undefined)) return [];
  return items.filter((item) => item !== undefined).slice(0, MAX_PLAN_STEPS);
}
