import { resourceSchema } from '@maru/api/resources';
import type { AgentInfo, Costs, EvaluationRow } from '@maru/api/wire';
import { newKeySchema } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Ask } from '../api/ask/ask.ts';
import { largestLayers, stackLayers } from '../components/chart/stack-series.ts';
import { plainPassage } from '../components/plain-passage.ts';
import { looksLikeTraceId, matchItems } from '../shell/palette-items.ts';
import { graphLines, layoutGraph } from './agent/graph-layout.ts';
import { costsCsv, csvField } from './costs/csv.ts';
import { daysByModel } from './costs/days-by-model.ts';
import { failedFirst } from './evaluation/row-verdict.ts';
import { EMPTY_KEY_FORM, toNewKey, wrongFields } from './keys/key-form.ts';
import { highlight } from './knowledge-base/highlight.ts';
import { messagesFor, reduceTurns } from './playground/conversation.ts';
import { placeOf } from './resource/problem-place.ts';
import { TEMPLATE_KINDS, TEMPLATES } from './resource/templates.ts';

const ASK: Ask = { api: 'chat', model: 'm', system: '', messages: [], stream: true, temperature: undefined, tools: [], schema: undefined, image: undefined };
const usage = { inputTokens: 1, cacheReadTokens: 2, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 0 };
const costRow = (group: string, label: string, costNanoUsd: number): Costs['rows'][number] => ({
  group,
  label,
  requests: 1,
  errors: 0,
  promptTokens: 3,
  completionTokens: 3,
  usage,
  costNanoUsd,
  unpriced: 0,
  simulated: false,
});

describe('templates of new resources', () => {
  it.each(TEMPLATE_KINDS)('hold a valid %s', (kind) => {
    const parsed = resourceSchema.safeParse(parse(TEMPLATES[kind]));

    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(parsed.data?.kind).toBe(kind);
  });
});

describe('CSV of costs', () => {
  it('quotes what needs it and defuses formulas', () => {
    expect(csvField('a,"b"')).toBe('"a,""b"""');
    expect(csvField('=1+1')).toBe("'=1+1");
    expect(csvField(-5)).toBe('-5');
  });

  it('writes every number in full', () => {
    const text = costsCsv({ by: 'model', fromMs: 0, toMs: 1, totalNanoUsd: 38_400, unpriced: 0, rows: [costRow('m', 'm', 38_400)] });

    expect(text.split('\r\n')[1]).toBe('m,m,1,0,3,3,1,2,0,3,0,0.000038400,0,false');
  });
});

describe('layers of a chart', () => {
  it('stand on each other, unknown values as nothing', () => {
    expect(
      stackLayers([
        { label: 'a', values: [1, null] },
        { label: 'b', values: [2, 3] },
      ]),
    ).toEqual([
      [1, 0],
      [3, 3],
    ]);
  });

  it('keep the largest and sum the rest', () => {
    const layers = [1, 9, 2, 3].map((value, index) => ({ label: String(index), values: [value] }));

    expect(largestLayers(layers, 2, 'rest')).toEqual([
      { label: '1', values: [9] },
      { label: 'rest', values: [6] },
    ]);
  });

  it('come from days and models in the order of time', () => {
    const rows = [costRow('2026-09-02', 'b', 5), costRow('2026-09-01', 'a', 1), costRow('2026-09-02', 'a', 2)];

    expect(daysByModel(rows, (nano) => nano)).toEqual({
      days: [Date.parse('2026-09-01'), Date.parse('2026-09-02')],
      layers: [
        { label: 'b', values: [0, 5] },
        { label: 'a', values: [1, 2] },
      ],
    });
  });
});

describe('highlight', () => {
  it('marks words of the query without regard to case, and loses no text', () => {
    const pieces = highlight('The Router scores. Routers pick.', 'router scores?');

    expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(['Router', 'scores', 'Router']);
    expect(pieces.map((piece) => piece.text).join('')).toBe('The Router scores. Routers pick.');
  });

  it('finds Korean words with another particle', () => {
    expect(highlight('라우터가 고릅니다', '라우터는').some((piece) => piece.hit && piece.text === '라우터')).toBe(true);
  });

  it('takes signs of the query as they are', () => {
    expect(highlight('a (b', '(.*')).toEqual([{ text: 'a (b', hit: false }]);
  });

  it('leaves out the heading that the citation says already', () => {
    expect(plainPassage('## Scoring\n\n**Filter** first', 'Scoring')).toBe('Filter first');
  });
});

describe('place of a problem', () => {
  it('reaches from its column to the end of the word', () => {
    expect(placeOf('kind: Route\nspecs: {}\n', { line: 2, column: 1 })).toEqual({ from: 12, to: 17 });
  });

  it('stays inside the text', () => {
    expect(placeOf('', { line: 9, column: 9 })).toEqual({ from: 0, to: 0 });
    expect(placeOf('ab', { line: 1, column: 99 })).toEqual({ from: 2, to: 2 });
  });
});

describe('form of a new key', () => {
  it('names the fields that can not be sent', () => {
    expect(wrongFields({ ...EMPTY_KEY_FORM, tenant: ' ', budgetUsd: '1,5', requestsPerMinute: '0', tokensPerMinute: '2.5' })).toEqual([
      'name',
      'tenant',
      'budgetUsd',
      'requestsPerMinute',
      'tokensPerMinute',
    ]);
  });

  it('leaves out limits that are empty, and keeps a budget of nothing', () => {
    const key = toNewKey({ ...EMPTY_KEY_FORM, name: ' ci ', models: 'auto, ,agent/guide', budgetUsd: '0', expiresDays: '2' }, 1000);

    expect(key).toEqual({ name: 'ci', tenant: 'default', models: ['auto', 'agent/guide'], budgets: [{ usd: 0, window: 'total' }], expiresMs: 172_801_000 });
    expect(newKeySchema.safeParse(key).success).toBe(true);
  });
});

describe('conversation', () => {
  it('collects text, keeps the first time and says how it ended', () => {
    const turns = [
      { type: 'ask', id: '1', question: 'q', ask: ASK },
      { type: 'event', id: '1', event: { type: 'text', text: 'a' }, elapsedMs: 5 },
      { type: 'event', id: '1', event: { type: 'text', text: 'b' }, elapsedMs: 9 },
      { type: 'end', id: '1', state: 'stopped', elapsedMs: 12 },
    ] as const;

    expect(turns.reduce(reduceTurns, [])).toMatchObject([{ answer: 'ab', firstTokenMs: 5, totalMs: 12, state: 'stopped' }]);
  });

  it('tells the model answered turns only', () => {
    const turns = reduceTurns(reduceTurns([], { type: 'ask', id: '1', question: 'old', ask: ASK }), { type: 'end', id: '1', state: 'failed', elapsedMs: 1 });

    expect(messagesFor(turns, 'new')).toEqual([{ role: 'user', content: 'new' }]);
  });
});

describe('rows of an evaluation', () => {
  it('stand failed first, by the threshold of the evaluator without its depth', () => {
    const row = (name: string, value: number): EvaluationRow => ({
      row: name,
      input: name,
      expected: null,
      answer: null,
      passages: [],
      scores: { 'hit@5': { value, reason: null } },
      traceId: null,
      durationMs: null,
      error: null,
    });

    expect(failedFirst([row('good', 0.9), row('bad', 0.7)], { hit: 0.8 }).map(({ row: name }) => name)).toEqual(['bad', 'good']);
  });
});

describe('graph of an agent', () => {
  const graph: AgentInfo['graph'] = {
    nodes: [
      { id: 's', label: 's', kind: 'start' },
      { id: 'm', label: 'm', kind: 'model' },
      { id: 't', label: 't', kind: 'tool' },
      { id: 'e', label: 'e', kind: 'end' },
    ],
    edges: [
      { from: 's', to: 'm' },
      { from: 'm', to: 't' },
      { from: 't', to: 'm' },
      { from: 'm', to: 'e' },
    ],
  };

  it('runs from left to right with tools below, and no two nodes in one place', () => {
    const places = layoutGraph(graph);

    expect([...places.values()].map(({ x, y }) => `${x} ${y}`)).toHaveLength(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size);
    expect(places.get('t')?.y).toBeGreaterThan(places.get('m')?.y ?? 0);
    expect(places.get('e')?.x).toBeGreaterThan(places.get('m')?.x ?? 0);
  });

  it('draws one line for a call and its return', () => {
    expect(graphLines(graph, layoutGraph(graph)).map(({ from, to, way, both }) => ({ from, to, way, both }))).toEqual([
      { from: 's', to: 'm', way: 'forward', both: false },
      { from: 'm', to: 't', way: 'aside', both: true },
      { from: 'm', to: 'e', way: 'forward', both: false },
    ]);
  });
});

describe('command palette', () => {
  it('knows the id of a trace', () => {
    expect(looksLikeTraceId('7f3a9c0e11d24b3fa90c6e2db1f7c410')).toBe(true);
    expect(looksLikeTraceId('agent')).toBe(false);
  });

  it('finds items that hold every word, those that begin with it first', () => {
    const items = ['my-agent', 'agent', 'model'].map((label) => ({ id: label, label, hint: 'resource', icon: 'agents' as const, href: '/' }));

    expect(matchItems(items, 'agent res').map((item) => item.label)).toEqual(['agent', 'my-agent']);
  });
});
