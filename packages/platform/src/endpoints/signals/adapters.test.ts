import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignals } from './read-signals.ts';

const QUEUE = 'vllm:num_requests_running{model_name="m"} 1\nvllm:num_requests_waiting{model_name="m"} 0\n';
const info = (labels: string, at: number | string = 1): string => `vllm:lora_requests_info{${labels}} ${at}\n`;
const adaptersOf = (text: string) => readSignals(QUEUE + text)?.adapters;

describe('the adapters that vLLM names', () => {
  it('are read from the labels of one metric', () => {
    expect(adaptersOf(info('max_lora="4",running_lora_adapters="sql, legal",waiting_lora_adapters="chat"'))).toEqual({
      max: 4,
      running: ['sql', 'legal'],
      waiting: ['chat'],
    });
    expect(adaptersOf(info('max_lora="1",running_lora_adapters="",waiting_lora_adapters=""'))).toEqual({ max: 1, running: [], waiting: [] });
  });

  it('are those of the newest line, in whatever order lines come: old label sets stay in a scrape', () => {
    const lines = [
      info('max_lora="2",running_lora_adapters="old"', 100),
      info('max_lora="2",running_lora_adapters="new"', 300),
      info('max_lora="2",running_lora_adapters="older"', 50),
    ];

    for (const order of [lines, lines.toReversed()]) expect(adaptersOf(order.join(''))?.running).toEqual(['new']);
  });

  it('are those of all ranks together, each once', () => {
    const text = [
      info('engine="0",max_lora="2",running_lora_adapters="a,b"', 9),
      info('engine="1",max_lora="2",running_lora_adapters="b,c",waiting_lora_adapters="d"', 8),
      info('engine="1",max_lora="2",running_lora_adapters="gone"', 7),
    ].join('');

    expect(adaptersOf(text)).toEqual({ max: 2, running: ['a', 'b', 'c'], waiting: ['d'] });
  });

  it.each([
    ['no line', ''],
    ['no number of slots', info('running_lora_adapters="a"')],
    ['no slot', info('max_lora="0",running_lora_adapters="a"')],
    ['half a slot', info('max_lora="1.5",running_lora_adapters="a"')],
    ['words for a number', info('max_lora="many",running_lora_adapters="a"')],
  ])('are unknown with %s, and the rest is still read', (_name, text) => {
    expect(readSignals(QUEUE + text)).toMatchObject({ adapters: undefined, running: 1 });
  });

  it('are names or nothing, whatever stands in a label', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,40}$/), (label) => {
        const read = adaptersOf(info(`max_lora="2",running_lora_adapters="${label.replace(/["\\]/g, '\\$&')}"`));
        for (const name of read?.running ?? []) expect(name).toBe(name.trim());
        expect(read?.running).not.toContain('');
      }),
      { numRuns: 100 },
    );
  });
});
