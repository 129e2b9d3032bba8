import { check, EBADF, EINVAL, ENOENT, ENOTSUP, EPIPE } from '../errors';
import { HEADER_LENGTH, MAX_CHANGES, native } from '../native';
import { block } from '../raw/blocking';
import {
  EV_ADD,
  EV_CLEAR,
  EV_DELETE,
  EV_DISABLE,
  EV_DISPATCH,
  EV_EOF,
  EV_ONESHOT,
  EVFILT_EXCEPT,
  EVFILT_READ,
  EVFILT_USER,
  EVFILT_WRITE,
  NOTE_OOB,
  NOTE_TRIGGER,
} from '../raw/kqueue-constants';
import { OwnedFd } from '../raw/owned-fd';
import { ERROR, HANGUP } from './events';
import { type Interest, type Mode, PRIORITY, READABLE, WRITABLE } from './interest';
import { newBatch, type Selector } from './selector';

/** The filters for an interest. */
const FILTERS = Array.from({ length: 8 }, (_, interest) => {
  const filters: number[] = [];
  if ((interest & READABLE) !== 0) filters.push(EVFILT_READ);
  if ((interest & WRITABLE) !== 0) filters.push(EVFILT_WRITE);
  if ((interest & PRIORITY) !== 0 && EVFILT_EXCEPT !== undefined) filters.push(EVFILT_EXCEPT);
  return filters;
});
const MODE_FLAGS = { level: 0, edge: EV_CLEAR, oneshot: EV_DISPATCH } as const;
const URGENT = NOTE_OOB ?? 0;

// How native/kqueue/kqueue.cc packs an event.
const READ_CODE = ~EVFILT_READ;
const WRITE_CODE = ~EVFILT_WRITE;
const EXCEPT_CODE = EVFILT_EXCEPT === undefined ? -1 : ~EVFILT_EXCEPT;
const CODE_MASK = 0xff;
const END = EV_EOF << 8;
const HAS_FILTER_FLAGS = 1 << 24;

/**
 * The readiness that an event reports. The end of a direction is a hang-up. If it has filter flags, they are
 * the socket's pending error, which concerns both directions: the next read or write returns at once.
 */
export function kqueueReadiness(flags: number): number {
  const code = flags & CODE_MASK;
  const ended = (flags & END) !== 0;
  let ready = WRITABLE;
  if (code === READ_CODE) ready = READABLE;
  else if (code === EXCEPT_CODE) ready = ended ? 0 : PRIORITY;
  else if (code !== WRITE_CODE) ready |= HANGUP; // #reportBrokenPipe
  if (!ended) return ready;
  const failed = (flags & HAS_FILTER_FLAGS) !== 0;
  return ready | HANGUP | (failed ? READABLE | WRITABLE | ERROR : 0);
}

/** kqueue(2): two or three filters for a descriptor, changed together in one call. */
export class KqueueSelector implements Selector {
  readonly backend = 'kqueue';
  readonly modes = ['level', 'edge', 'oneshot'] as const;
  // FreeBSD has no filter for urgent data, and Darwin's is raised by every arrival.
  readonly streamInterest = READABLE | WRITABLE;
  readonly controlCall = 'kevent';
  readonly waitCall = 'kevent';
  readonly batch = newBatch();
  readonly readiness = kqueueReadiness;
  readonly #owned = new OwnedFd(check(native.kqueueCreate(), 'kqueue'), 'kqueue');
  readonly #changes = new Int32Array(6 * MAX_CHANGES);
  #length = 0;
  /** The filters to disarm when one of several has reported a `oneshot` descriptor. */
  readonly #oneshots = new Map<number, { generation: number; interest: Interest }>();
  /** The descriptors that have an EVFILT_USER, see #reportBrokenPipe. It may have fired and gone. */
  readonly #brokenPipes = new Set<number>();

  get fd(): number {
    return this.#owned.fd;
  }

  get watchable(): number {
    return this.#owned.fd;
  }

  add(fd: number, generation: number, interest: Interest, mode: Mode): number {
    const problem = native.kqueueCheck(fd);
    return problem < 0 ? problem : this.modify(fd, generation, interest, mode, 0);
  }

  modify(
    fd: number,
    generation: number,
    interest: Interest,
    mode: Mode,
    previous: Interest,
  ): number {
    if ((interest & PRIORITY) !== 0 && EVFILT_EXCEPT === undefined) return ENOTSUP;
    this.#forgetBrokenPipe(fd);
    for (const filter of FILTERS[previous]) this.#push(fd, generation, filter, EV_DELETE);
    const deletions = this.#length;
    for (const filter of FILTERS[interest]) {
      if (filter === EVFILT_EXCEPT) this.#push(fd, generation, filter, EV_ADD | EV_CLEAR, URGENT);
      else this.#push(fd, generation, filter, EV_ADD | MODE_FLAGS[mode]);
    }
    // A single filter is disarmed by EV_DISPATCH.
    const several = interest !== READABLE && interest !== WRITABLE;
    if (mode === 'oneshot' && several) this.#oneshots.set(fd, { generation, interest });
    else this.#oneshots.delete(fd);
    const failed = this.#submit();
    if (failed <= 0) return failed;
    return this.#settle(fd, generation, interest, mode, deletions);
  }

  delete(fd: number, previous: Interest): number {
    this.#oneshots.delete(fd);
    this.#forgetBrokenPipe(fd);
    for (const filter of FILTERS[previous]) this.#push(fd, 0, filter, EV_DELETE);
    const count = this.#length;
    const failed = this.#submit();
    // A filter that was refused, see #settle, is not there to be deleted.
    return failed === count ? this.#result(0) : Math.min(failed, 0);
  }

  wait(timeout: number, maxEvents: number): number {
    const { fd } = this.#owned;
    const count = block(timeout, (slice) =>
      native.kqueueWait(fd, this.batch, HEADER_LENGTH, maxEvents, slice),
    );
    if (this.#oneshots.size > 0) this.#disarm(count);
    return count;
  }

  close(): void {
    this.#owned.close();
  }

  lose(): void {
    this.#owned.lose();
  }

  #push(fd: number, generation: number, filter: number, flags: number, fflags = 0): void {
    const at = 6 * this.#length++;
    this.#changes[at] = fd;
    this.#changes[at + 1] = generation;
    this.#changes[at + 2] = filter;
    this.#changes[at + 3] = flags;
    this.#changes[at + 4] = fflags;
  }

  /** Makes the changes: how many of them have failed, or a negated errno. */
  #submit(): number {
    const count = this.#length;
    this.#length = 0;
    return count === 0 ? 0 : native.kqueueControl(this.#owned.fd, this.#changes, count);
  }

  #result(change: number): number {
    return this.#changes[6 * change + 5];
  }

  /** Some of the changes have failed: 0 if that is harmless; else a negated errno, and nothing stays added. */
  #settle(
    fd: number,
    generation: number,
    interest: Interest,
    mode: Mode,
    deletions: number,
  ): number {
    let known = deletions === 0;
    for (let i = 0; i < deletions; i++) known ||= this.#result(i) === 0;
    let result = known ? 0 : ENOENT;
    let broken = false;
    for (const [i, filter] of FILTERS[interest].entries()) {
      const answer = this.#result(deletions + i);
      if (answer === EPIPE) broken = true;
      // What refuses to be added in the place of the file that was is another one, unless it is none.
      else if (answer < 0 && (known || answer === EBADF) && !isHarmless(answer, filter, interest)) {
        result = answer;
      }
    }
    // A broken pipe has no filter by which to see whether it is still the same file.
    if (broken && result === ENOENT) result = 0;
    if (result < 0) this.delete(fd, interest);
    else if (broken) return this.#reportBrokenPipe(fd, generation, mode);
    return result;
  }

  /**
   * The kernel attaches no filter to a pipe whose reader has gone. An EVFILT_USER reports it instead, like
   * any filter: every time in mode `level`, else once.
   */
  #reportBrokenPipe(fd: number, generation: number, mode: Mode): number {
    this.#brokenPipes.add(fd);
    const flags = mode === 'level' ? EV_ADD : EV_ADD | EV_ONESHOT;
    this.#push(fd, generation, EVFILT_USER, flags);
    // NOTE_TRIGGER has no effect in the change that adds the filter.
    this.#push(fd, generation, EVFILT_USER, flags, NOTE_TRIGGER);
    const failed = this.#submit();
    return failed > 0 ? this.#result(0) : failed;
  }

  /** Unlike the other filters, it does not go when the descriptor is closed. */
  #forgetBrokenPipe(fd: number): void {
    if (!this.#brokenPipes.delete(fd)) return;
    this.#push(fd, 0, EVFILT_USER, EV_DELETE);
    this.#submit();
  }

  /** One event silences both directions, as with epoll. */
  #disarm(count: number): void {
    for (let i = HEADER_LENGTH; i < HEADER_LENGTH + 3 * count; i += 3) {
      const fd = this.batch[i];
      const generation = this.batch[i + 1];
      const oneshot = this.#oneshots.get(fd);
      // What #reportBrokenPipe adds outlives the descriptor, and may report an earlier generation.
      if (oneshot?.generation !== generation) continue;
      this.#oneshots.delete(fd);
      for (const filter of FILTERS[oneshot.interest]) {
        if (this.#length === MAX_CHANGES) this.#submit();
        this.#push(fd, generation, filter, EV_DISABLE);
      }
    }
    this.#submit();
  }
}

/** Only sockets have urgent data. For anything else it is never reported, as with epoll. */
function isHarmless(answer: number, filter: number, interest: Interest): boolean {
  return answer === EINVAL && filter === EVFILT_EXCEPT && interest !== PRIORITY;
}
