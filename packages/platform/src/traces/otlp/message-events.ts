import type { Attributes } from './attributes.ts';

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number | undefined;
  readonly attributes: Attributes;
}

const INPUTS = new Set(['gen_ai.system.message', 'gen_ai.user.message', 'gen_ai.assistant.message', 'gen_ai.tool.message']);
const DETAILS = 'gen_ai.client.inference.operation.details';

/** Whether an event carries a prompt or an answer, and so is not kept as an event. */
export const isMessageEvent = (name: string): boolean => name.startsWith('gen_ai.');

/** Input and output that a span carries in its events, as attributes of the present conventions. */
export function messagesOf(events: readonly SpanEvent[]): Attributes {
  const details = events.find((event) => event.name === DETAILS)?.attributes ?? {};
  const inputs = events.filter((event) => INPUTS.has(event.name)).map((event) => ({ role: event.name.split('.')[1], ...event.attributes }));
  const outputs = events.filter((event) => event.name === 'gen_ai.choice').map((event) => ({ ...event.attributes }));
  const prompt = events.find((event) => event.name === 'gen_ai.content.prompt')?.attributes['gen_ai.prompt'];
  const completion = events.find((event) => event.name === 'gen_ai.content.completion')?.attributes['gen_ai.completion'];
  return {
    ...(inputs.length === 0 ? {} : { 'gen_ai.input.messages': inputs }),
    ...(outputs.length === 0 ? {} : { 'gen_ai.output.messages': outputs }),
    ...(prompt === undefined ? {} : { 'gen_ai.prompt': prompt }),
    ...(completion === undefined ? {} : { 'gen_ai.completion': completion }),
    ...details,
  };
}
