import { durationToMs, type RouteGuardrail } from '@maru/api/resources';
import { compilePattern } from '#expressions';
import type { Detector } from '../detect/finding.ts';
import { scoreInjection } from '../detect/injection.ts';
import { createPhraseFinder, phrasesAs } from '../detect/phrases.ts';
import { piiDetectors, secretDetectors } from '../detect/scan.ts';
import type { GuardrailPorts } from '../ports.ts';
import type { Rule } from '../rule.ts';
import { askModeration } from './moderation.ts';
import { askTopic } from './topic.ts';
import { askWebhook } from './webhook.ts';
import { checkLength, checkSchema } from './whole-checks.ts';

/** Characters behind a place that are seen before it is decided: longer than the longest form that is not known by its beginning. */
const HOLD_CHARS = 96;
const PATTERN_HOLD_CHARS = 256;
const MAX_PATTERN_FINDINGS = 10_000;

/** The guardrails of a Route, ready to be used. Throws `resource_invalid` for patterns and schemas that are not valid. */
export const compileGuardrails = (specs: readonly RouteGuardrail[], ports: GuardrailPorts): readonly Rule[] => specs.map((spec) => compile(spec, ports));

function compile(spec: RouteGuardrail, ports: GuardrailPorts): Rule {
  const base = { name: spec.name, type: spec.type, at: new Set(spec.at), action: spec.action, byDefault: spec.default };
  switch (spec.type) {
    case 'pii':
      return { ...base, detectors: piiDetectors(spec.kinds), unmask: spec.unmask, holdChars: HOLD_CHARS };
    case 'secrets':
      return { ...base, detectors: secretDetectors(spec.kinds), unmask: spec.unmask, holdChars: HOLD_CHARS };
    case 'deny': {
      const longest = Math.max(16, ...spec.phrases.map((phrase) => phrase.length * 2));
      return {
        ...base,
        detectors: denyDetectors(spec.phrases, spec.patterns),
        holdChars: spec.patterns.length > 0 ? Math.max(PATTERN_HOLD_CHARS, longest) : longest,
      };
    }
    case 'injection':
      return { ...base, judge: (reader) => (scoreInjection(reader) >= spec.threshold ? 'injection' : undefined), holdChars: HOLD_CHARS };
    case 'length':
      return { ...base, whole: checkLength(spec) };
    case 'json-schema':
      return { ...base, whole: checkSchema(spec.schema) };
    case 'topic':
      return { ...base, remote: { ...limits(spec), ask: askTopic(spec, ports) } };
    case 'webhook':
      return { ...base, remote: { ...limits(spec), ask: askWebhook(spec, ports) } };
    case 'moderation':
      return { ...base, remote: { ...limits(spec), ask: askModeration(spec, ports) } };
  }
}

const limits = (spec: { readonly budget: string; readonly onFailure: 'open' | 'closed' }) => ({
  budgetMs: durationToMs(spec.budget),
  failOpen: spec.onFailure === 'open',
});

function denyDetectors(phrases: readonly string[], patterns: readonly string[]): readonly Detector[] {
  const compiled = patterns.map((pattern) => compilePattern(pattern));
  return [
    ...(phrases.length === 0 ? [] : [phrasesAs(createPhraseFinder(phrases), 'denied')]),
    ...compiled.map(
      (pattern): Detector =>
        (reader) =>
          pattern
            .findAll(reader.text, MAX_PATTERN_FINDINGS)
            .filter(({ start, end }) => end > start)
            .map(({ start, end }) => ({ start, end, kind: 'denied' })),
    ),
  ];
}
