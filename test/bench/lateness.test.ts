import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lateness } from '../../bench/servers/lateness';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('timers that are run over and over are many, and not due together', () => {
  const dues = new Set<number>();
  const counters = lateness();
  for (let time = 0; time < 400; time += 1) {
    vi.advanceTimersByTime(1);
    if (counters()['timers'] !== 0) dues.add(time);
  }
  expect(dues.size).toBeGreaterThan(300);
});

test('timers are late by what the event loop was busy with, and told of once', () => {
  const counters = lateness();
  vi.advanceTimersByTime(100);
  const { timers, ...late } = counters();
  expect(timers).toBeGreaterThan(100);
  expect(late).toEqual({ p50: 0, p90: 0, max: 0 });
  expect(counters()['timers']).toBe(0);
});
