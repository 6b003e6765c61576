import type { Route } from '@maru/api/resources';
import type { RequestFacts } from '#gateway';
import { type PromptFacts, promptFacts, type RouteFacts } from '#router';

/** What the router may ask about a prompt. */
export const promptOf = (facts: RequestFacts): PromptFacts =>
  promptFacts({
    promptBytes: facts.promptBytes,
    promptTokens: facts.promptTokens,
    maxTokens: facts.maxTokens,
    tools: facts.tools,
    images: facts.images,
    value: () => facts.value(),
  });

/** What the conditions of a route may look at. */
export const routeFactsOf = (facts: RequestFacts, prompt: PromptFacts, tags: readonly string[]): RouteFacts => ({
  requestId: facts.requestId,
  target: facts.target.name,
  prompt,
  tenant: facts.principal.tenant,
  session: facts.session,
  user: facts.principal.user,
  key: facts.principal.keyId,
  headers: facts.headers,
  path: facts.path,
  query: facts.query,
  method: 'POST',
  operation: facts.operation,
  stream: facts.stream,
  claims: facts.principal.claims,
  tags,
  body: () => facts.value(),
});

/** Headers that carry tags, separated by commas. */
const TAG_HEADERS = ['x-maru-tags', 'x-litellm-tags'];
const MAX_TAGS = 32;

/** Tags of a request: of its key, of its headers and of `metadata.tags`. Read only for routes that choose or look by tags. */
export function tagsOf(facts: RequestFacts, route: Route): readonly string[] {
  if (!looksAtTags(route)) return facts.principal.tags ?? [];
  const tags = new Set(facts.principal.tags ?? []);
  for (const name of TAG_HEADERS) for (const tag of (facts.headers[name] ?? '').split(',')) if (tag.trim() !== '') tags.add(tag.trim());
  const metadata = facts.value()['metadata'];
  const given = typeof metadata === 'object' && metadata !== null ? (metadata as { readonly tags?: unknown }).tags : undefined;
  for (const tag of Array.isArray(given) ? given : []) if (typeof tag === 'string') tags.add(tag);
  return [...tags].slice(0, MAX_TAGS);
}

const looksAtTags = ({ spec }: Route): boolean =>
  spec.backends.some((backend) => backend.tags !== undefined || backend.when?.expression?.includes('tags') === true) ||
  spec.canary?.when?.expression?.includes('tags') === true;
