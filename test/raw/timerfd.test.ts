import { describe } from 'vitest';
import { native } from '../../lib/native';
import { TimerFd } from '../../lib/raw/timerfd';
import { testSystemTimer } from './system-timer';

describe.runIf(native.backend === 'epoll')('a timerfd', () => {
  testSystemTimer(() => new TimerFd());
});
