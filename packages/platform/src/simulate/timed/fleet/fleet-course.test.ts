import { describe, expect, it } from 'vitest';
import { createFleetRecorder } from './fleet-course.ts';

const point = (atMs: number, ready: number) => ({ atMs, ready, starting: 0, nodes: 1 });

describe('the course of a fleet', () => {
  it('has each change once, and the last word of a time', () => {
    const course = createFleetRecorder();
    for (const each of [point(0, 1), point(5, 1), point(7, 2), point(7, 3)]) course.note(each);
    course.notice(9);

    expect(course.read()).toEqual({ points: [point(0, 1), point(7, 3)], notices: [{ atMs: 9 }] });
  });

  it('stays bounded, keeps its beginning, and is in order', () => {
    const course = createFleetRecorder();
    for (let atMs = 0; atMs < 100_000; atMs += 1) course.note(point(atMs, atMs % 7));
    for (let atMs = 0; atMs < 1000; atMs += 1) course.notice(atMs);

    const { points, notices } = course.read();
    expect(points.length).toBeLessThanOrEqual(400);
    expect(points[0]).toEqual(point(0, 0));
    expect(points.every(({ atMs }, index) => index === 0 || atMs > (points[index - 1]?.atMs ?? 0))).toBe(true);
    expect(notices).toHaveLength(200);
  });
});
