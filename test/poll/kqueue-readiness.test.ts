import { describe, expect, test } from 'vitest';
import {
  EV_ADD,
  EV_CLEAR,
  EV_EOF,
  EVFILT_EXCEPT,
  EVFILT_READ,
  EVFILT_WRITE,
} from '../../lib/kqueue';
import { ERROR, HANGUP } from '../../lib/poll/events';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/poll/interest';
import { kqueueReadiness } from '../../lib/poll/kqueue-selector';

/** Packs an event like native/kqueue/kqueue.cc. */
function pack(filter: number, flags: number, fflags: number): number {
  return (~filter & 0xff) | (flags << 8) | (fflags !== 0 ? 1 << 24 : 0);
}

const BOTH = READABLE | WRITABLE;
const ECONNRESET = 54;

describe('the readiness that an event of kqueue means', () => {
  test.each([
    ['EVFILT_READ', EVFILT_READ, 0, 0, READABLE],
    ['EVFILT_WRITE', EVFILT_WRITE, 0, 0, WRITABLE],
    ['EVFILT_READ at the end', EVFILT_READ, EV_EOF, 0, READABLE | HANGUP],
    ['EVFILT_WRITE at the end', EVFILT_WRITE, EV_EOF, 0, WRITABLE | HANGUP],
    ['EVFILT_READ after an error', EVFILT_READ, EV_EOF, ECONNRESET, BOTH | HANGUP | ERROR],
    ['EVFILT_WRITE after an error', EVFILT_WRITE, EV_EOF, ECONNRESET, BOTH | HANGUP | ERROR],
  ])('%s', (_, filter, flags, fflags, readiness) => {
    expect(kqueueReadiness(pack(filter, flags, fflags))).toBe(readiness);
    // Every event also has the flags with which the filter was added.
    expect(kqueueReadiness(pack(filter, flags | EV_ADD | EV_CLEAR, fflags))).toBe(readiness);
  });
});

describe.runIf(EVFILT_EXCEPT !== undefined)('the readiness that EVFILT_EXCEPT means', () => {
  const NOTE_OOB = 2;
  test.each([
    ['urgent data', 0, NOTE_OOB, PRIORITY],
    ['the end, which is not urgent', EV_EOF, 0, HANGUP],
    ['an error', EV_EOF, ECONNRESET, BOTH | HANGUP | ERROR],
  ])('for %s', (_, flags, fflags, readiness) => {
    expect(kqueueReadiness(pack(EVFILT_EXCEPT ?? 0, flags, fflags))).toBe(readiness);
  });
});
