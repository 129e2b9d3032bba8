import { describe, expect, test } from 'vitest';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLNVAL,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from '../../lib/epoll';
import { native } from '../../lib/native';
import { epollReadiness } from '../../lib/poll/epoll-selector';
import { ERROR, HANGUP } from '../../lib/poll/events';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/poll/interest';
import { PollSelector } from '../../lib/poll/poll-selector';

const FLAGS = [EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP];
const EVERY_COMBINATION = Array.from({ length: 2 ** FLAGS.length }, (_, index) =>
  FLAGS.reduce((flags, flag, i) => flags | ((index >> i) & 1 ? flag : 0), 0),
);

describe('the readiness that epoll’s flags mean', () => {
  test.each([
    ['EPOLLIN', EPOLLIN, READABLE],
    ['EPOLLOUT', EPOLLOUT, WRITABLE],
    ['EPOLLPRI', EPOLLPRI, PRIORITY],
    ['EPOLLRDHUP', EPOLLRDHUP, READABLE | HANGUP],
    ['EPOLLHUP', EPOLLHUP, READABLE | WRITABLE | HANGUP],
    ['EPOLLERR', EPOLLERR, READABLE | WRITABLE | ERROR],
    ['nothing', 0, 0],
  ])('%s', (_, flags, readiness) => {
    expect(epollReadiness(flags)).toBe(readiness);
  });

  test('is that of all of them together', () => {
    for (const flags of EVERY_COMBINATION) {
      const together = FLAGS.reduce((bits, flag) => bits | epollReadiness(flags & flag), 0);
      expect(epollReadiness(flags)).toBe(together);
    }
  });

  test('does not depend on other flags', () => {
    const others = ~FLAGS.reduce((all, flag) => all | flag, 0);
    for (const flags of EVERY_COMBINATION) {
      expect(epollReadiness(flags | others)).toBe(epollReadiness(flags));
    }
  });
});

// Other systems have other numbers for the events of poll(2).
describe.runIf(native.backend === 'epoll')('the readiness that poll’s flags mean', () => {
  test('is the same as that of epoll, whose flags are the same numbers', () => {
    const selector = new PollSelector('poll');
    for (const flags of EVERY_COMBINATION) {
      expect(selector.readiness(flags)).toBe(epollReadiness(flags));
    }
    expect(selector.readiness(EPOLLNVAL)).toBe(0);
  });
});
