import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { addAbortCallback, removeAbortCallback } from '../lib/abort-callbacks';

test('a callback that another one removes while the signal aborts is not called', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const second = vi.fn();
  const first = vi.fn(() => removeAbortCallback(signal, second));
  const third = vi.fn();
  for (const callback of [first, second, third]) addAbortCallback(signal, callback);
  controller.abort();
  expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('removing what was not added, or from no signal, has no effect', () => {
  const { signal } = new AbortController();
  const callback = vi.fn();
  addAbortCallback(signal, callback);
  removeAbortCallback(signal, vi.fn());
  removeAbortCallback(undefined, callback);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  removeAbortCallback(signal, callback);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
