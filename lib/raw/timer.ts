import { native } from '../native';
import { KqueueTimer } from './kqueue-timer';
import type { OwnedFd } from './owned-fd';
import { TimerFd } from './timerfd';

/** When a timer expires, in nanoseconds. */
export interface Schedule {
  /** If `onWallClock`, the time since 1970; else how long from now, independent of the wall clock. */
  readonly first: bigint;
  readonly onWallClock: boolean;
  /** 0 for once. */
  readonly period: bigint;
}

/** A descriptor that is readable while there are expirations that were not taken. */
export interface SystemTimer {
  readonly owned: OwnedFd;
  /** Replaces the schedule, and discards expirations that were not taken. */
  set(schedule: Schedule): void;
  clear(): void;
  /** Returns the number of expirations since the last call; 0 for none. */
  take(): number;
}

/** @throws `EMFILE`, `ENFILE`, `ENOMEM` */
export function openTimer(): SystemTimer {
  return native.backend === 'epoll' ? new TimerFd() : new KqueueTimer();
}
