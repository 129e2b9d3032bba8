import type { NativeWatch } from '../addon';
import { setImmediate } from '../clock';
import { check, EEXIST, ENOENT, systemError } from '../errors';
import { native } from '../native';
import { isGone } from '../poll/selector';
import { openWatch } from '../raw/driver';
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLONESHOT } from '../raw/epoll';
import { OwnedFd } from '../raw/owned-fd';

/** Gets the events of the descriptors that it has added, or the error of the epoll instance. Must not throw. */
export type Listener = (error: Error | null, fd?: number, events?: number) => void;

interface Entry {
  readonly listener: Listener;
  readonly fd: number;
  readonly generation: number;
  readonly events: number;
  /** It had EPOLLONESHOT and was reported, so it is disarmed until it is modified. */
  spent: boolean;
}

/** (descriptor, generation, events) of one event. */
const scratch = new Int32Array(3);

/**
 * One epoll instance for every `Epoll` of the thread, as in npm's `epoll`: a descriptor can be in it once.
 * Each turn of the event loop collects and reports one event, so that a listener can change anything before
 * the next event is collected. Registrations keep the process alive.
 */
export class SharedEpoll {
  readonly #entries = new Map<number, Entry>();
  #owned: OwnedFd | undefined;
  #watch: NativeWatch | undefined;
  #generation = 0;

  /** @throws the error of epoll_ctl; `EMFILE`, `ENFILE`, `ENOMEM` for the first descriptor */
  add(listener: Listener, fd: number, events: number): void {
    this.#set(EPOLL_CTL_ADD, listener, fd, events);
  }

  /** @throws `ENOENT` also for a descriptor that another listener has added */
  modify(listener: Listener, fd: number, events: number): void {
    this.#requireOwn(listener, fd);
    this.#set(EPOLL_CTL_MOD, listener, fd, events);
  }

  /** Forgets the descriptor even if it throws: then it was closed before, and cannot be removed. */
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
    if (entry === undefined || entry.listener === listener) return; // epoll_ctl will check
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
      this.#forget(fd); // closed without `remove`
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
   * A descriptor was closed without `remove` while a duplicate is open. The kernel would report it for ever,
   * unless the whole instance is replaced. If there is no free descriptor for that, the next event tries again.
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
      // A hang-up is reported even so, once, and is ignored.
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

  /** Reports the error to every listener. The next `add` opens a new instance. */
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
