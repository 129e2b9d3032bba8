import { EBADF, ENOENT, EPERM, outOfRange } from '../errors';
import { HEADER_LENGTH, native } from '../native';
import { FD_SETSIZE, POLLNVAL, POLLRDHUP } from '../raw/select';
import { block } from '../raw/blocking';
import { type Interest, type Mode, READABLE, WRITABLE } from './interest';
import { eventsFor, readinessFrom } from './poll-flags';
import { newBatch, type Selector } from './selector';

interface Entry {
  generation: number;
  interest: Interest;
  oneshot: boolean;
}

/**
 * poll(2) and select(2): the kernel keeps no list, so we keep it, and pass it with every wait. The cost of a
 * wait grows with what is registered, not with what is ready.
 *
 * What the kernel does for epoll and kqueue is done here: regular files are refused, closed descriptors are
 * removed, `oneshot` registrations are disarmed. Mode `edge` would need a kernel that remembers what it has
 * reported. A descriptor that no set of select(2) can hold is an ERR_OUT_OF_RANGE.
 */
export class PollSelector implements Selector {
  readonly modes = ['level', 'oneshot'] as const;
  readonly fd = -1;
  readonly watchable = -1;
  readonly streamInterest = READABLE | WRITABLE;
  readonly controlCall = 'fstat';
  readonly waitCall: string;
  readonly batch = newBatch();
  readonly #entries = new Map<number, Entry>();

  constructor(readonly backend: 'poll' | 'select') {
    this.waitCall = backend;
  }

  add(fd: number, generation: number, interest: Interest, mode: Mode): number {
    if (this.backend === 'select' && fd >= FD_SETSIZE) {
      throw outOfRange('source', `< ${FD_SETSIZE} (FD_SETSIZE)`, fd);
    }
    const type = native.fileType(fd);
    const isAlwaysReady = type === native.S_IFREG || type === native.S_IFDIR;
    if (type < 0 || isAlwaysReady) this.#entries.delete(fd);
    else this.#entries.set(fd, { generation, interest, oneshot: mode === 'oneshot' });
    return isAlwaysReady ? EPERM : Math.min(type, 0);
  }

  modify(fd: number, generation: number, interest: Interest, mode: Mode): number {
    if (this.#entries.has(fd)) return this.add(fd, generation, interest, mode);
    // A wait has removed it: it was closed, or a `oneshot` that was reported.
    const type = native.fileType(fd);
    return type < 0 ? type : ENOENT;
  }

  delete(fd: number): number {
    const type = native.fileType(fd);
    this.#entries.delete(fd);
    return Math.min(type, 0);
  }

  wait(timeout: number, maxEvents: number): number {
    // All are asked about; those that do not fit into the batch are still ready in the next wait.
    const fds = [...this.#entries.keys()];
    const requests = new Int32Array(3 * fds.length);
    fds.forEach((fd, i) => {
      requests[3 * i] = fd;
      requests[3 * i + 1] = eventsFor(this.#entries.get(fd)?.interest ?? 0, POLLRDHUP);
    });
    const call = this.backend === 'poll' ? native.poll : native.select;
    let ready = block(timeout, (slice) => call(requests, fds.length, slice));
    if (ready === 0 && this.backend === 'select') ready = askForHangUps(requests);
    if (ready === EBADF) return this.#forgetClosed() ? this.wait(0, maxEvents) : EBADF;
    return ready <= 0 ? ready : this.#collect(requests, maxEvents);
  }

  readiness(flags: number): number {
    return readinessFrom(flags, POLLRDHUP);
  }

  descriptors(): Int32Array {
    return Int32Array.from(
      [...this.#entries].flatMap(([fd, { interest }]) => [fd, eventsFor(interest, POLLRDHUP)]),
    );
  }

  close(): void {
    this.#entries.clear();
  }

  #collect(requests: Int32Array, most: number): number {
    let count = 0;
    let i = 0;
    for (; i < requests.length && count < most; i += 3) {
      const fd = requests[i];
      const revents = requests[i + 2];
      const entry = this.#entries.get(fd);
      if (revents === 0 || entry === undefined) continue;
      if ((revents & POLLNVAL) !== 0 || entry.oneshot) this.#entries.delete(fd);
      if ((revents & POLLNVAL) !== 0) continue;
      const at = HEADER_LENGTH + 3 * count++;
      this.batch[at] = fd;
      this.batch[at + 1] = entry.generation;
      this.batch[at + 2] = revents;
    }
    if (i < requests.length) this.#moveToTheEnd(requests.subarray(0, i));
    return count;
  }

  /** Those that had their turn are examined last the next time, so that a small `maxEvents` starves nobody. */
  #moveToTheEnd(served: Int32Array): void {
    for (let i = 0; i < served.length; i += 3) {
      const entry = this.#entries.get(served[i]);
      if (entry === undefined) continue;
      this.#entries.delete(served[i]);
      this.#entries.set(served[i], entry);
    }
  }

  /** select(2) fails as a whole when one descriptor is closed, and does not say which. */
  #forgetClosed(): boolean {
    const closed = [...this.#entries.keys()].filter((fd) => native.fileType(fd) < 0);
    for (const fd of closed) this.#entries.delete(fd);
    return closed.length > 0;
  }
}

/**
 * No set of select(2) contains a hang-up unless it makes the requested direction ready. `ready` waits by
 * poll(2), which does report it, so `wait` has to report it too.
 */
function askForHangUps(requests: Int32Array): number {
  for (let i = 1; i < requests.length; i += 3) requests[i] = 0;
  const ready = native.poll(requests, requests.length / 3, 0);
  // On some systems poll(2) does not support devices.
  for (let i = 2; i < requests.length; i += 3) requests[i] &= ~POLLNVAL;
  return ready;
}
