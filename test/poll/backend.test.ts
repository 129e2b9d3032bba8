import { expect, test } from 'vitest';
import { Poller } from '../../lib/index';
import { native } from '../../lib/native';
import { newSelector } from '../../lib/poll/backend';

test('a poller has the multiplexer that the addon was built for, unless told otherwise', () => {
  for (const o of [undefined, {}, { backend: undefined }, { backend: 'auto' } as const]) {
    using poller = new Poller(o);
    expect(poller.backend).toBe(native.backend);
    expect(poller.fd).toBeGreaterThanOrEqual(0);
  }
});

test('every selector is of the backend that was asked for', () => {
  for (const backend of ['poll', 'select', native.backend] as const) {
    const selector = newSelector(backend);
    expect(selector.backend).toBe(backend);
    expect(selector.modes).toContain('level');
    selector.close();
  }
});
