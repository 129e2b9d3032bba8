import { check } from '../errors';
import { BATCH_CAPACITY, HEADER_LENGTH, native } from '../native';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from '../raw/epoll';
import { block } from '../raw/blocking';
import { OwnedFd } from '../raw/owned-fd';
import { ERROR, HANGUP } from './events';
import { type Interest, type Mode, PRIORITY, READABLE, WRITABLE } from './interest';
import { newBatch, type Selector } from './selector';

// The events to ask for, by interest. EPOLLRDHUP notifies readers that the peer has shut down its side.
const EVENTS = Array.from(
  { length: 8 },
  (_, interest) =>
    ((interest & READABLE) !== 0 ? EPOLLIN | EPOLLRDHUP : 0) |
    ((interest & WRITABLE) !== 0 ? EPOLLOUT : 0) |
    ((interest & PRIORITY) !== 0 ? EPOLLPRI : 0),
);
const MODE_FLAGS = { level: 0, edge: EPOLLET, oneshot: EPOLLONESHOT } as const;

// The readiness, by events. An error or a hang-up concerns both directions: the next read or write returns
// at once. The table is indexed by the five low flags, with EPOLLRDHUP moved beside them.
const READINESS = Uint8Array.from({ length: 64 }, (_, index) => {
  const flags = (index & 0x1f) | ((index & 0x20) << 8);
  const both = (flags & (EPOLLERR | EPOLLHUP)) !== 0 ? READABLE | WRITABLE : 0;
  return (
    both |
    ((flags & (EPOLLIN | EPOLLRDHUP)) !== 0 ? READABLE : 0) |
    ((flags & EPOLLOUT) !== 0 ? WRITABLE : 0) |
    ((flags & EPOLLPRI) !== 0 ? PRIORITY : 0) |
    ((flags & (EPOLLHUP | EPOLLRDHUP)) !== 0 ? HANGUP : 0) |
    ((flags & EPOLLERR) !== 0 ? ERROR : 0)
  );
});

/** Looks the readiness up in the table: this is called for every event. */
export function epollReadiness(flags: number): number {
  return READINESS[(flags & 0x1f) | ((flags >> 8) & 0x20)];
}

export class EpollSelector implements Selector {
  readonly backend = 'epoll';
  readonly modes = ['level', 'edge', 'oneshot'] as const;
  readonly streamInterest = READABLE | WRITABLE | PRIORITY;
  readonly controlCall = 'epoll_ctl';
  readonly waitCall = 'epoll_wait';
  readonly renewCall = 'epoll_create1';
  readonly batch = newBatch();
  readonly readiness = epollReadiness;
  readonly #owned = new OwnedFd(check(native.epollCreate(), this.renewCall), 'epoll instance');

  #outer: OwnedFd | undefined;

  get fd(): number {
    return this.#owned.fd;
  }

  /** Created on first access. @throws `EMFILE`, `ENFILE`, `ENOMEM` */
  get watchable(): number {
    this.#outer ??= this.#nested();
    return this.#outer.fd;
  }

  add(fd: number, generation: number, interest: Interest, mode: Mode): number {
    return this.#control(EPOLL_CTL_ADD, fd, generation, EVENTS[interest] | MODE_FLAGS[mode]);
  }

  modify(fd: number, generation: number, interest: Interest, mode: Mode): number {
    return this.#control(EPOLL_CTL_MOD, fd, generation, EVENTS[interest] | MODE_FLAGS[mode]);
  }

  delete(fd: number): number {
    return this.#control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  wait(timeout: number, maxEvents: number): number {
    const { fd } = this.#owned;
    const capacity = Math.min(maxEvents, BATCH_CAPACITY);
    return block(timeout, (slice) =>
      native.epollWait(fd, this.batch, HEADER_LENGTH, capacity, slice),
    );
  }

  renew(): number {
    return native.epollRenew(this.#owned.fd, this.#outer?.fd ?? -1);
  }

  close(): void {
    this.#outer?.close();
    this.#owned.close();
  }

  lose(): void {
    this.#outer?.close();
    this.#owned.lose();
  }

  /** An instance that watches ours; it stays the same when ours is renewed. */
  #nested(): OwnedFd {
    const outer = new OwnedFd(check(native.epollCreate(), this.renewCall), 'epoll instance');
    const { fd } = this.#owned;
    const result = native.epollControl(outer.fd, EPOLL_CTL_ADD, fd, EPOLLIN, fd, 0);
    if (result < 0) outer.close();
    check(result, this.controlCall, fd);
    return outer;
  }

  #control(operation: number, fd: number, generation: number, events: number): number {
    return native.epollControl(this.#owned.fd, operation, fd, events, fd, generation);
  }
}
