import { describe } from 'vitest';
import { native } from '../../lib/native';
import { openTimerFd } from '../../lib/raw/timerfd';
import { testSystemTimer } from './system-timer';

describe.runIf(native.backend === 'epoll')('a timerfd', () => {
  testSystemTimer(openTimerFd);
});
