import { describe, expect, test } from 'vitest';
import { concerns, ERROR, HANGUP, readinessBits, readinessOf } from '../../lib/poll/events';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/poll/interest';

const EVERY = Array.from({ length: 32 }, (_, bits) => bits);

describe('a readiness', () => {
  test('is one of 32 frozen objects: an event allocates nothing', () => {
    const objects = new Set(EVERY.map(readinessOf));
    expect(objects.size).toBe(32);
    for (const object of objects) expect(Object.isFrozen(object)).toBe(true);
    for (const bits of EVERY) expect(readinessOf(bits)).toBe(readinessOf(bits));
  });

  test('says what its bits say', () => {
    expect(readinessOf(0)).toEqual({
      readable: false,
      writable: false,
      priority: false,
      hangup: false,
      error: false,
    });
    expect(readinessOf(READABLE | HANGUP)).toMatchObject({ readable: true, hangup: true });
    expect(readinessOf(WRITABLE | ERROR)).toMatchObject({ writable: true, error: true });
    expect(readinessOf(PRIORITY)).toMatchObject({ priority: true, readable: false });
  });

  test('leads back to its bits', () => {
    for (const bits of EVERY) expect(readinessBits(readinessOf(bits))).toBe(bits);
  });
});

describe('an event', () => {
  test('concerns who waits for one of its directions', () => {
    expect(concerns(READABLE, READABLE | WRITABLE)).toBe(true);
    expect(concerns(READABLE, WRITABLE)).toBe(false);
    expect(concerns(PRIORITY, READABLE | WRITABLE)).toBe(false);
    expect(concerns(READABLE | WRITABLE, PRIORITY)).toBe(false);
  });

  test('that is a hang-up or an error concerns who waits for PRIORITY alone', () => {
    expect(concerns(HANGUP, PRIORITY)).toBe(true);
    expect(concerns(ERROR | READABLE | WRITABLE, PRIORITY)).toBe(true);
    // A wait for a direction ends by the bit of that direction.
    expect(concerns(HANGUP, PRIORITY | WRITABLE)).toBe(false);
    expect(concerns(HANGUP, READABLE)).toBe(false);
  });
});
