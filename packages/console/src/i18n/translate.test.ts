import { ATTENTION_FACTS } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { EN } from './en.ts';
import { KO } from './ko.ts';
import { createTranslate, fillMessage } from './translate.ts';

const factsOf = (message: string): readonly string[] => [...new Set([...message.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? ''))].toSorted();

describe('dictionaries', () => {
  it('have the same keys in English and Korean', () => {
    expect(Object.keys(KO).toSorted()).toEqual(Object.keys(EN).toSorted());
  });

  it('have no empty message', () => {
    const empty = [...Object.entries(EN), ...Object.entries(KO)].filter(([, message]) => message.trim() === '');

    expect(empty).toEqual([]);
  });

  it('use only facts in Korean that English has too', () => {
    const strange = Object.entries(KO).filter(([key, message]) => factsOf(message).some((fact) => !factsOf(EN[key as keyof typeof EN]).includes(fact)));

    expect(strange).toEqual([]);
  });

  it.each(Object.entries(ATTENTION_FACTS))('say in both languages what needs attention about %s with the facts that are sent', (code, facts) => {
    const key = `attention.${code}` as keyof typeof EN;

    for (const message of [EN[key], KO[key]]) {
      expect(factsOf(message).length).toBeGreaterThan(0);
      expect(Object.keys(facts.shape)).toEqual(expect.arrayContaining([...factsOf(message)]));
    }
  });

  it('say something in Hangul wherever English uses words, but for names of things and figures', () => {
    const same = Object.entries(KO).filter(([key, message]) => message === EN[key as keyof typeof EN] && /[a-z]{3,}/i.test(message.replace(/\{[^}]*\}/g, '')));

    expect(same).toEqual([]);
  });
});

describe('fillMessage', () => {
  it('puts facts into their places', () => {
    expect(fillMessage('{done} of {total}', { done: 3, total: '1,000' })).toBe('3 of 1,000');
  });

  it('chooses the word that agrees with the number', () => {
    expect(fillMessage('{n} {n:row|rows}', { n: 1 })).toBe('1 row');
    expect(fillMessage('{n} {n:row|rows}', { n: 0 })).toBe('0 rows');
  });

  it('leaves a place open whose fact is missing, so that it is seen', () => {
    expect(fillMessage('Budget of {owner}')).toBe('Budget of {owner}');
  });

  it('does not read a fact as a message', () => {
    expect(fillMessage('{name}', { name: '{other}', other: 'x' })).toBe('{other}');
  });
});

describe('createTranslate', () => {
  it('answers in its language', () => {
    expect(createTranslate('en')('nav.traces')).toBe('Traces');
    expect(createTranslate('ko')('nav.traces')).toBe('트레이스');
  });
});
