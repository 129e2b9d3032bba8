import { native } from '../native';
import { KqueueTimer } from './kqueue-timer';
import type { OwnedFd } from './owned-fd';
import { TimerFd } from './timerfd';

/** When a timer expires, in nanoseconds. */
export interface Schedule {
  /** The time of the wall clock, since 1970; or how long from now, whatever the wall clock does. */
  readonly first: bigint;
  readonly onWallClock: boolean;
  /** 0 for once. */
  readonly period: bigint;
}

/** A descriptor that is readable while there are expirations that nobody has taken. */
export interface SystemTimer {
  readonly owned: OwnedFd;
  /** Instead of what was set, and what has expired of it. */
  set(schedule: Schedule): void;
  clear(): void;
  /** How many expirations there were since the last time; 0 where there are none. */
  take(): number;
}

/** @throws `EMFILE`, `ENFILE`, `ENOMEM` */
export function openTimer(): SystemTimer {
  return native.backend === 'epoll' ? new TimerFd() : new KqueueTimer();
}
