import { check, EAGAIN } from '../errors';
import { native } from '../native';
import { OwnedFd } from './owned-fd';
import type { Schedule, SystemTimer } from './timer';

// Calls on one thread do not overlap.
const times = new BigInt64Array(2);
const count = new BigUint64Array(1);
const countBytes = new Uint8Array(count.buffer);

/** timerfd(2). */
export class TimerFd implements SystemTimer {
  readonly owned = new OwnedFd(check(native.timerCreate(), 'timerfd_create'), 'timer');

  set({ first, onWallClock, period }: Schedule): void {
    // Zero would stop the timer.
    this.#set(first > 0n ? first : 1n, period, onWallClock);
  }

  clear(): void {
    this.#set(0n, 0n, false);
  }

  take(): number {
    const fd = this.owned.open();
    const result = native.read(fd, countBytes);
    return result === EAGAIN || check(result, 'read', fd) === 0 ? 0 : Number(count[0]);
  }

  #set(first: bigint, period: bigint, absolute: boolean): void {
    const fd = this.owned.open();
    times[0] = first;
    times[1] = period;
    check(native.timerSet(fd, absolute, times), 'timerfd_settime', fd);
  }
}
