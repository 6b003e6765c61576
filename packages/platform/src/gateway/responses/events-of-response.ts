import type { KeptResponse, ResponseEvent } from './response-store.ts';

type Json = Readonly<Record<string, unknown>>;

/** The stream that a kept response would have been: for responses that were not streamed when they were made. */
export function eventsOfResponse(response: KeptResponse): readonly ResponseEvent[] {
  const { answer } = response;
  const begun = { ...answer, status: 'in_progress', output: [], usage: null, error: null, incomplete_details: null };
  const events: Json[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...listOf(answer['output']).flatMap(eventsOfItem),
    lastEvent(response),
  ];
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

/** The event that ends the stream of a response; a cancelled one has failed, as its status says. */
export function lastEvent({ status, answer }: Pick<KeptResponse, 'status' | 'answer'>): Json {
  const type = status === 'completed' || status === 'incomplete' ? `response.${status}` : 'response.failed';
  return { type, response: { ...answer, status } };
}

function eventsOfItem(item: Json, index: number): readonly Json[] {
  const place = { item_id: item['id'], output_index: index };
  const inside = INSIDE[String(item['type'])]?.(item, place);
  if (inside === undefined) return [added(index, item), done(index, item)];
  return [added(index, { ...item, ...inside.empty, ...('status' in item ? { status: 'in_progress' } : {}) }), ...inside.events, done(index, item)];
}

const added = (index: number, item: Json): Json => ({ type: 'response.output_item.added', output_index: index, item });
const done = (index: number, item: Json): Json => ({ type: 'response.output_item.done', output_index: index, item });

interface Inside {
  /** Fields of the item that the events fill. */
  readonly empty: Json;
  readonly events: readonly Json[];
}

const INSIDE: Readonly<Record<string, (item: Json, place: Json) => Inside>> = Object.freeze({
  message: (item, place) => ({
    empty: { content: [] },
    events: listOf(item['content']).flatMap((part, index) => eventsOfContent(part, { ...place, content_index: index })),
  }),
  reasoning: (item, place) => ({
    empty: { summary: [] },
    events: listOf(item['summary']).flatMap((part, index) => {
      const at = { ...place, summary_index: index };
      const { text } = part;
      return [
        { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
        { type: 'response.reasoning_summary_text.delta', ...at, delta: text },
        { type: 'response.reasoning_summary_text.done', ...at, text },
        { type: 'response.reasoning_summary_part.done', ...at, part },
      ];
    }),
  }),
  function_call: (item, place) => ({
    empty: { arguments: '' },
    events: [
      { type: 'response.function_call_arguments.delta', ...place, delta: item['arguments'] },
      { type: 'response.function_call_arguments.done', ...place, name: item['name'], arguments: item['arguments'] },
    ],
  }),
  custom_tool_call: (item, place) => ({
    empty: { input: '' },
    events: [
      { type: 'response.custom_tool_call_input.delta', ...place, delta: item['input'] },
      { type: 'response.custom_tool_call_input.done', ...place, input: item['input'] },
    ],
  }),
});

function eventsOfContent(part: Json, at: Json): readonly Json[] {
  const around = (empty: Json, inside: readonly Json[]): readonly Json[] => [
    { type: 'response.content_part.added', ...at, part: { ...part, ...empty } },
    ...inside,
    { type: 'response.content_part.done', ...at, part },
  ];
  if (part['type'] === 'output_text') {
    const { text, annotations, logprobs = [] } = part;
    return around({ text: '', annotations: [] }, [
      { type: 'response.output_text.delta', ...at, delta: text, logprobs },
      ...listOf(annotations).map((annotation, index) => ({ type: 'response.output_text.annotation.added', ...at, annotation_index: index, annotation })),
      { type: 'response.output_text.done', ...at, text, logprobs },
    ]);
  }
  if (part['type'] === 'refusal') {
    const { refusal } = part;
    return around({ refusal: '' }, [
      { type: 'response.refusal.delta', ...at, delta: refusal },
      { type: 'response.refusal.done', ...at, refusal },
    ]);
  }
  return around({}, []);
}

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);
