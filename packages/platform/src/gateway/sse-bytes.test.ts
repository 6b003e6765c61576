import { describe, expect, it } from 'vitest';
import { checkEventShape } from './sse-bytes.ts';

const check = (text: string): void => checkEventShape(text, { start: 0, end: text.length });

describe('the shape of an event', () => {
  it.each([
    'data: {"a":1}\n\n',
    'data:{"a":1}\r\n\r\n',
    'event: x\ndata: {}\n\n',
    ': comment\n\n',
    'data: [DONE]\n\n',
    '\n',
    'id: 4\n\n',
    'data: {\ndata: }\n\n',
  ])('is right: %j', (text) => {
    expect(() => check(text)).not.toThrow();
  });

  it.each(['data: {"a":\n\n', 'data: <html>\n\n', 'event: x\ndata: "a"}\n\n', 'data: \n\n', 'data: null\n\n', 'data: [1]\n\n'])('is wrong: %j', (text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code: 'upstream_garbage' }));
  });

  it('is that of its own stretch only', () => {
    const text = 'data: {"a":1}\n\n: ping\n\ndata: {"b"\n\n';
    const second = text.indexOf(': ping');
    const third = text.lastIndexOf('data:');

    expect(() => checkEventShape(text, { start: 0, end: second })).not.toThrow();
    expect(() => checkEventShape(text, { start: second, end: third })).not.toThrow();
    expect(() => checkEventShape(text, { start: third, end: text.length })).toThrow();
  });
});
