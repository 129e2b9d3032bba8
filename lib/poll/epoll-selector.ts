import { check } from '../errors';
import { HEADER_LENGTH, native } from '../native';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLRDHUP,
} from '../raw/epoll';
import { block } from '../raw/blocking';
import { OwnedFd } from '../raw/owned-fd';
import { type Interest, type Mode, PRIORITY, READABLE, WRITABLE } from './interest';
import { eventsFor, readinessFrom } from './poll-flags';
import { newBatch, type Selector } from './selector';

// The events to ask for, by interest.
const EVENTS = Array.from({ length: 8 }, (_, interest) => eventsFor(interest, EPOLLRDHUP));
const MODE_FLAGS = { level: 0, edge: EPOLLET, oneshot: EPOLLONESHOT } as const;

// The readiness, by events. The table is indexed by the five low flags, with EPOLLRDHUP moved beside them.
const READINESS = Uint8Array.from({ length: 64 }, (_, index) =>
  readinessFrom((index & 0x1f) | ((index & 0x20) << 8), EPOLLRDHUP),
);

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
    return block(timeout, (slice) =>
      native.epollWait(fd, this.batch, HEADER_LENGTH, maxEvents, slice),
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
