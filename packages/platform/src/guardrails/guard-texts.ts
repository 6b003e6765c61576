import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { type GuardDecision, Tally } from './decision.ts';
import { createReader, type Finding } from './detect/finding.ts';
import { scan } from './detect/scan.ts';
import type { Rule, Stage, Verdict, WholeText } from './rule.ts';
import { findMarks, maskOf, type Replacement, replaceAt } from './text/replace-findings.ts';
import type { Vault } from './text/vault.ts';
import type { TextSlot } from './text/visit-texts.ts';

export interface GuardContext {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly requestId: string;
  readonly tenant: string;
  readonly model: string;
  readonly decide: (decision: GuardDecision) => void;
}

/** Refuses a call in the name of a guardrail. */
export const blocked = (rule: Rule, stage: Stage, kinds: readonly string[]): PlatformError =>
  new PlatformError('content_blocked', {
    message: `the guardrail "${rule.name}" does not allow ${stage === 'before' ? 'the prompt' : 'the answer'} (${kinds.slice(0, 5).join(', ')})`,
    details: { guardrail: rule.name, stage, kinds },
  });

export interface GuardTextsOptions {
  readonly stage: Stage;
  readonly rules: readonly Rule[];
  readonly context: GuardContext;
  readonly signal: AbortSignal;
}

/**
 * Runs the rules over texts that are complete: those of this process first, then, on what these left, all that ask others, at the same time.
 * Replaces what is masked, and returns whether anything was. Throws `content_blocked` or `guardrail_failed`.
 */
export async function guardTexts(slots: readonly TextSlot[], options: GuardTextsOptions): Promise<boolean> {
  const { stage, rules, context } = options;
  const current = slots.map((slot) => slot.text);
  guardLocally(current, options);
  const text = (): WholeText => ({ stage, texts: current, requestId: context.requestId, tenant: context.tenant, model: context.model });
  for (const rule of rules) {
    if (rule.whole === undefined) continue;
    const startMs = context.clock.nowMs();
    conclude(rule, rule.whole(text()), { ...options, startMs });
  }
  const asked = await Promise.all(rules.filter((rule) => rule.remote !== undefined).map((rule) => askRemote(rule, text(), options)));
  for (const { rule, verdict, startMs } of asked) {
    conclude(rule, verdict, { ...options, startMs });
    if (rule.action === 'mask' && verdict?.texts !== undefined) verdict.texts.forEach((masked, index) => (current[index] = masked));
  }
  let changed = false;
  slots.forEach((slot, index) => {
    // Put back last: nobody who is asked sees what was masked.
    const next = stage === 'before' ? current[index] : replaceAt(current[index] ?? '', marksOf(current[index] ?? '', slot.json, context.vault));
    if (next === undefined || next === slot.text) return;
    slot.replace(next);
    changed = true;
  });
  return changed;
}

/** The masked values of the prompt that an answer names. */
export function marksOf(text: string, json: boolean, vault: Vault): readonly Replacement[] {
  if (!vault.holds()) return [];
  // Inside of JSON that is itself a text, a value must not end its string.
  return findMarks(text, vault.reveal).map((mark) => (json ? { ...mark, text: JSON.stringify(mark.text).slice(1, -1) } : mark));
}

/** Detectors and judges. */
function guardLocally(texts: string[], { stage, rules, context }: GuardTextsOptions): void {
  const startMs = context.clock.nowMs();
  const tallies = rules.filter((rule) => rule.detectors !== undefined || rule.judge !== undefined).map((rule) => new Tally(rule));
  for (const [index, text] of texts.entries()) {
    let next = text;
    for (const tally of tallies) {
      const { rule } = tally;
      const reader = createReader(next);
      const findings = scan(reader, rule.detectors ?? []);
      const judged = rule.judge?.(reader);
      for (const finding of findings) tally.add(finding.kind);
      if (judged !== undefined) tally.add(judged);
      if (rule.action === 'mask')
        next = replaceAt(
          next,
          findings.map((finding) => replacementOf(next, finding, { rule, stage, vault: context.vault })),
        );
    }
    texts[index] = next;
  }
  for (const tally of tallies)
    context.decide({
      guardrail: tally.rule.name,
      type: tally.rule.type,
      stage,
      result: tally.result,
      found: tally.found,
      startMs,
      endMs: context.clock.nowMs(),
    });
  const refused = tallies.find((tally) => tally.result === 'blocked');
  if (refused !== undefined) throw blocked(refused.rule, stage, Object.keys(refused.found));
}

/** In a prompt a mark that can be put back; in an answer a plain mask. */
export function replacementOf(text: string, finding: Finding, options: { readonly rule: Rule; readonly stage: Stage; readonly vault: Vault }): Replacement {
  const { rule, stage, vault } = options;
  const value = text.slice(finding.start, finding.end);
  return { start: finding.start, end: finding.end, text: stage === 'before' ? vault.hide(value, finding.kind, rule.unmask === true) : maskOf(finding) };
}

interface Conclusion extends GuardTextsOptions {
  readonly startMs: number;
}

/** Writes the decision down. Throws when it refuses the call; without a verdict the check has failed. */
function conclude(rule: Rule, verdict: Verdict | undefined, { stage, context, startMs }: Conclusion): void {
  const found = Object.fromEntries((verdict?.kinds ?? []).map((kind) => [kind, 1]));
  const failed = rule.remote?.failOpen === true ? 'failed-open' : 'failed-closed';
  const violates = (verdict?.kinds.length ?? 0) > 0;
  const masks = rule.action === 'mask' && verdict?.texts !== undefined;
  const result = verdict === undefined ? failed : !violates ? 'passed' : masks ? 'masked' : rule.action === 'flag' ? 'flagged' : 'blocked';
  context.decide({ guardrail: rule.name, type: rule.type, stage, result, found, startMs, endMs: context.clock.nowMs() });
  if (result === 'blocked') throw blocked(rule, stage, Object.keys(found));
  if (result === 'failed-closed')
    throw new PlatformError('guardrail_failed', {
      message: `the guardrail "${rule.name}" could not decide; nothing passes unchecked`,
      retryAfterS: 5,
      details: { guardrail: rule.name },
    });
}

/** Undefined when it fails or takes longer than its budget. Throws only when the call itself has ended. */
async function askRemote(
  rule: Rule,
  text: WholeText,
  { context, signal }: GuardTextsOptions,
): Promise<{ readonly rule: Rule; readonly verdict: Verdict | undefined; readonly startMs: number }> {
  const startMs = context.clock.nowMs();
  const { remote } = rule;
  if (remote === undefined) return { rule, verdict: { kinds: [] }, startMs };
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const late = new PlatformError('upstream_timeout', { message: `the guardrail "${rule.name}" did not answer within ${remote.budgetMs} ms` });
  const timer = context.clock.schedule(remote.budgetMs, () => controller.abort(late));
  try {
    // Those that are deaf to their signal must not hold the call.
    const over = new Promise<never>((_resolve, reject) => {
      const fail = (): void => reject(controller.signal.reason as Error);
      if (controller.signal.aborted) fail();
      else controller.signal.addEventListener('abort', fail, { once: true });
    });
    return { rule, verdict: await Promise.race([remote.ask(text, controller.signal), over]), startMs };
  } catch (thrown) {
    if (signal.aborted) throw isPlatformError(signal.reason) ? signal.reason : thrown;
    return { rule, verdict: undefined, startMs };
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', stop);
  }
}
