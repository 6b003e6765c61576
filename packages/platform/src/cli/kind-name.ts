import { PlatformError } from '@maru/api/errors';
import { KINDS, type Kind } from '@maru/api/resources';
import { nearestName } from '#resources';

/** The kind that a person typed: `Model`, `model`, `models` or `mdl`. Throws `usage` with the nearest name. */
function parseKind(text: string): Kind {
  const wanted = text.toLowerCase();
  for (const [kind, definition] of Object.entries(KINDS))
    if ([kind.toLowerCase(), definition.plural, ...definition.shortNames].includes(wanted)) return kind as Kind;
  const near = nearestName(
    text,
    Object.values(KINDS).flatMap((definition) => [definition.kind, definition.plural]),
  );
  throw new PlatformError('usage', {
    message: `there is no kind "${text}"; ${near === undefined ? `kinds are ${Object.keys(KINDS).join(', ')}` : `did you mean "${near}"?`}`,
  });
}

/** Splits `model/reader` or takes kind and name apart. */
export function parseTarget(first: string, second: string | undefined): { readonly kind: Kind; readonly name: string | undefined } {
  if (second !== undefined) return { kind: parseKind(first), name: second };
  const [kind = '', name] = first.split('/', 2);
  return { kind: parseKind(kind), name };
}
