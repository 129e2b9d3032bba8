import { describe, expect, test } from 'vitest';
import {
  interestOf,
  type Mode,
  modeOf,
  PRIORITY,
  READABLE,
  WRITABLE,
} from '../../lib/poll/interest';

const MODES = ['level', 'oneshot'] as const;

describe('an interest', () => {
  test('is any combination of the three bits but none', () => {
    expect(READABLE | WRITABLE | PRIORITY).toBe(7);
    for (let interest = 1; interest <= 7; interest++) expect(interestOf(interest)).toBe(interest);
  });

  test.each([0, 8, -1, 1.5, NaN, Infinity, 2 ** 32 + 1])('is not %d', (interest) => {
    expect(() => interestOf(interest)).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
    );
  });

  test.each([undefined, null, '1', 1n, true, [1]])('is not %o', (interest) => {
    expect(() => interestOf(interest)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test("is refused in Node's own words", () => {
    expect(() => interestOf(9)).toThrow(
      'The value of "interest" is out of range. It must be >= 1 && <= 7. Received 9',
    );
    expect(() => interestOf('1')).toThrow(
      'The "interest" argument must be of type number. Received type string (\'1\')',
    );
  });
});

describe('a mode', () => {
  test('is `level` unless it is given', () => {
    expect(modeOf(undefined, MODES)).toBe('level');
    expect(modeOf('oneshot', MODES)).toBe('oneshot');
  });

  test.each(['edge', '', 'LEVEL', null, 1])('is not %o where that is not supported', (mode) => {
    expect(() => modeOf(mode as Mode, MODES)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringContaining("must be one of: 'level', 'oneshot'. Received "),
      }),
    );
  });
});
