import { describe, expect, it } from 'vitest';
import { filterTags } from './filter-tags.ts';

const backends = [{ name: 'free', tags: ['free'] }, { name: 'paid', tags: ['paid', 'eu'] }, { name: 'default', tags: ['default'] }, { name: 'plain' }];
const names = (tags: readonly string[], match: 'any' | 'all' = 'any', from: readonly { name: string; tags?: string[] }[] = backends): string[] =>
  filterTags(from, tags, match).map((backend) => backend.name);

describe('tags', () => {
  it('choose the backends that share one', () => {
    expect(names(['paid', 'us'])).toEqual(['paid']);
    expect(names(['free', 'eu'])).toEqual(['free', 'paid']);
  });

  it('choose the backends that have all of them, where the route says so', () => {
    expect(names(['paid', 'eu'], 'all')).toEqual(['paid']);
    expect(names(['paid', 'us'], 'all')).toEqual(['default']);
  });

  it('leave the default to what fits nowhere and to what has no tags', () => {
    expect(names(['unknown'])).toEqual(['default']);
    expect(names([])).toEqual(['default']);
  });

  it('leave nothing for an unknown tag without a default, but the plain ones for a request without tags', () => {
    const without = backends.filter((backend) => backend.name !== 'default');
    expect(names(['unknown'], 'any', without)).toEqual([]);
    expect(names([], 'any', without)).toEqual(['plain']);
  });

  it('mean nothing where no backend has any', () => {
    expect(names(['paid'], 'any', [{ name: 'a' }, { name: 'b' }])).toEqual(['a', 'b']);
  });
});
