import type { NativeWatch } from '../addon';
import { setImmediate } from '../clock';
import { check, EEXIST, ENOENT, systemError } from '../errors';
import { native } from '../native';
import { isGone } from '../poll/selector';
import { openWatch } from '../raw/driver';
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLONESHOT } from '../raw/epoll';
import { OwnedFd } from '../raw/owned-fd';

/** Who has added a descriptor. Told of its events, or of an error that is nobody's; must not throw. */
export type Listener = (error: Error | null, fd?: number, events?: number) => void;

interface Entry {
  readonly listener: Listener;
  readonly fd: number;
  readonly generation: number;
  readonly events: number;
  /** It was EPOLLONESHOT, has been told, and is silent until it is modified. */
  spent: boolean;
}

/** (descriptor, generation, events) of one event. */
const scratch = new Int32Array(3);

/**
 * One epoll instance for every `Epoll` of the thread, since npm's `epoll` has one for all: a descriptor
 * can be in it once. A turn of the event loop collects one event and tells it, so that whoever is told
 * may change anything before the kernel is asked for the next. What is in it keeps the process alive.
 */
export class SharedEpoll {
  readonly #entries = new Map<number, Entry>();
  #owned: OwnedFd | undefined;
  #watch: NativeWatch | undefined;
  #generation = 0;

  /** @throws what epoll_ctl answers; `EMFILE`, `ENFILE`, `ENOMEM` for the first one */
  add(listener: Listener, fd: number, events: number): void {
    this.#set(EPOLL_CTL_ADD, listener, fd, events);
  }

  /** @throws `ENOENT` also for what another listener has added */
  modify(listener: Listener, fd: number, events: number): void {
    this.#requireOwn(listener, fd);
    this.#set(EPOLL_CTL_MOD, listener, fd, events);
  }

  /** Forgets it also where it throws: what was closed before cannot be removed, nor come any more. */
  remove(listener: Listener, fd: number): void {
    this.#requireOwn(listener, fd);
    this.#open();
    const result = this.#control(EPOLL_CTL_DEL, fd, 0, 0);
    this.#forget(fd);
    check(result, 'epoll_ctl', fd);
  }

  removeAll(listener: Listener): void {
    for (const entry of this.#entries.values()) {
      if (entry.listener !== listener) continue;
      this.#control(EPOLL_CTL_DEL, entry.fd, 0, 0);
      this.#forget(entry.fd);
    }
  }

  #requireOwn(listener: Listener, fd: number): void {
    const entry = this.#entries.get(fd);
    if (entry === undefined || entry.listener === listener) return; // the kernel will say
    throw systemError(ENOENT, 'epoll_ctl', { fd });
  }

  #set(operation: number, listener: Listener, fd: number, events: number): void {
    this.#open();
    const generation = (this.#generation = (this.#generation + 1) | 0);
    const result = this.#control(operation, fd, generation, events);
    if (result >= 0) {
      this.#entries.set(fd, { listener, fd, generation, events, spent: false });
      this.#watch?.ref();
    } else if (isGone(result)) {
      this.#forget(fd); // closed without a word
    }
    check(result, 'epoll_ctl', fd);
  }

  #forget(fd: number): void {
    this.#entries.delete(fd);
    if (this.#entries.size === 0) this.#watch?.unref();
  }

  #control(operation: number, fd: number, generation: number, events: number): number {
    return native.epollControl(this.#owned?.fd ?? -1, operation, fd, events, fd, generation);
  }

  #open(): void {
    if (this.#owned !== undefined) return;
    const owned = new OwnedFd(check(native.epollCreate(), 'epoll_create1'), 'epoll instance');
    let watch: NativeWatch | undefined;
    try {
      watch = openWatch(owned.fd);
      watch.unref();
      this.#start(watch);
    } catch (error) {
      watch?.close();
      owned.close();
      throw error;
    }
    this.#owned = owned;
    this.#watch = watch;
  }

  #start(watch: NativeWatch): void {
    const resume = (): void => watch.resume?.();
    const result = watch.start(() => {
      this.#collect();
      if (watch.resume !== undefined) setImmediate(resume);
    });
    check(result, 'uv_poll_start');
  }

  #collect(): void {
    const count = native.epollWait(this.#owned?.fd ?? -1, scratch, 0, 1, 0);
    if (count < 0) {
      this.#owned?.lose(); // its number may be another file's
      this.#fail(systemError(count, 'epoll_wait'));
    }
    if (count <= 0) return;
    const [fd, generation, events] = scratch;
    const entry = this.#entries.get(fd);
    if (entry?.generation !== generation) {
      this.#renew();
    } else if (!entry.spent) {
      entry.spent = (entry.events & EPOLLONESHOT) !== 0;
      entry.listener(null, fd, events >>> 0);
    }
  }

  /**
   * Something was closed and not removed, with a duplicate open: the kernel would report it for ever,
   * and is rid of it only with the whole instance. Without a descriptor to make another one with, it is
   * back with the next event, and so are we.
   */
  #renew(): void {
    for (const { fd } of this.#entries.values()) if (!this.#isKnown(fd)) this.#forget(fd);
    this.#watch?.stop();
    try {
      if (native.epollRenew(this.#owned?.fd ?? -1, -1) >= 0) this.#addAgain();
      if (this.#watch !== undefined) this.#start(this.#watch);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #addAgain(): void {
    for (const { fd, generation, events, spent } of this.#entries.values()) {
      // A hang-up would be reported in spite of that, once, and is ignored.
      const wanted = spent ? EPOLLONESHOT : events;
      check(this.#control(EPOLL_CTL_ADD, fd, generation, wanted), 'epoll_ctl', fd);
    }
  }

  /** Whether the number is still the file that was added under it. */
  #isKnown(fd: number): boolean {
    const result = this.#control(EPOLL_CTL_ADD, fd, 0, 0);
    if (result >= 0) this.#control(EPOLL_CTL_DEL, fd, 0, 0);
    return result === EEXIST;
  }

  /** Nothing more can come: everybody is told why. Who adds something afterwards begins anew. */
  #fail(error: Error): void {
    const listeners = new Set([...this.#entries.values()].map(({ listener }) => listener));
    this.#entries.clear();
    this.#watch?.close();
    this.#owned?.close();
    this.#watch = undefined;
    this.#owned = undefined;
    for (const listener of listeners) listener(error);
  }
}
