import { isCustomTool, toCustomInput } from './custom-calls.ts';
import type { CanonicalEvent } from './event.ts';
import type { CanonicalTool } from './tool.ts';

/**
 * Gives streamed calls of functions that stood for the client's custom tools back as calls of those. Their arguments are held until the call
 * is whole, because the text is a JSON string inside of them.
 */
export class CustomCallFitter {
  readonly #tools: readonly CanonicalTool[] | undefined;
  readonly #held = new Map<number, string>();

  constructor(tools: readonly CanonicalTool[] | undefined) {
    this.#tools = tools?.some((tool) => tool.type === 'custom') === true ? tools : undefined;
  }

  fit(event: CanonicalEvent): readonly CanonicalEvent[] {
    if (this.#tools === undefined) return [event];
    if (event.type === 'part-start' && event.part.type === 'tool-call' && event.part.custom !== true && isCustomTool(this.#tools, event.part.name)) {
      this.#held.set(event.index, '');
      return [{ ...event, part: { ...event.part, custom: true } }];
    }
    if (event.type === 'arguments-delta' && this.#held.has(event.index)) {
      this.#held.set(event.index, (this.#held.get(event.index) ?? '') + event.text);
      return [];
    }
    const held = event.type === 'part-end' ? this.#held.get(event.index) : undefined;
    if (event.type !== 'part-end' || held === undefined) return [event];
    this.#held.delete(event.index);
    return [{ type: 'arguments-delta', index: event.index, text: toCustomInput(held) }, event];
  }
}
