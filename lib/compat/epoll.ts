import { AsyncResource } from 'node:async_hooks';
import { queueMicrotask } from '../clock';
import { unsupportedError, withCode } from '../errors';
import { native } from '../native';
import * as flags from '../raw/epoll';
import { type Listener, SharedEpoll } from './shared-epoll';

const shared = new SharedEpoll();

/**
 * The class of npm's `epoll` (4.0): the same calls, flags, messages and turns, over this package's
 * addon. The callback gets one event in each turn of the event loop. Added descriptors keep the process alive.
 * Unlike the original it works in Workers, errors have a `code`, and a descriptor that was closed before it was
 * removed is forgotten by the `modify`, `remove` or `close` that finds out.
 *
 * @example
 * ```js
 * const { Epoll } = require('iomux/compat/epoll');
 * const epoll = new Epoll((error, fd, events) => {
 *   console.log(fd, 'is readable:', (events & Epoll.EPOLLIN) !== 0);
 *   epoll.remove(fd).close();
 * });
 * epoll.add(0, Epoll.EPOLLIN);
 * ```
 */
export class Epoll {
  static readonly EPOLLIN = flags.EPOLLIN;
  static readonly EPOLLOUT = flags.EPOLLOUT;
  static readonly EPOLLRDHUP = flags.EPOLLRDHUP;
  static readonly EPOLLPRI = flags.EPOLLPRI;
  static readonly EPOLLERR = flags.EPOLLERR;
  static readonly EPOLLHUP = flags.EPOLLHUP;
  static readonly EPOLLET = flags.EPOLLET;
  static readonly EPOLLONESHOT = flags.EPOLLONESHOT;

  readonly #listener: Listener;
  #closed = false;

  /**
   * @param callback called with each event; `error` is null, unless the epoll instance itself has failed: then
   * there are no other arguments, and no further calls
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_UNSUPPORTED_PLATFORM` where there is no epoll
   */
  constructor(callback: (error: Error | null, fd: number, events: number) => void) {
    if (native.backend !== 'epoll') throw unsupportedError('epoll');
    if (typeof callback !== 'function') {
      throw wrongType('First argument to construtor must be a callback'); // spelt like this in the original
    }
    const resource = new AsyncResource('Epoll:DispatchEvent');
    this.#listener = (...event) => {
      try {
        resource.runInAsyncScope(callback as Listener, undefined, ...event);
      } catch (error) {
        // An uncaught exception, as in any callback of Node.
        queueMicrotask(() => {
          throw error;
        });
      }
    };
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * @param events bits of the class's EPOLL*
   * @throws `EEXIST` when the descriptor is added already, here or elsewhere in the thread; `EPERM` for
   * regular files and directories; `EBADF`, `EINVAL`, `ENOSPC`; `ERR_CLOSED`, `ERR_INVALID_ARG_TYPE`
   */
  add(fd: number, events: number): this {
    this.#requireOpen('add');
    requireNumbers('add', fd, events);
    shared.add(this.#listener, fd, events);
    return this;
  }

  /**
   * Replaces the events, and arms the descriptor again if EPOLLONESHOT has disarmed it.
   * @throws `ENOENT` when the descriptor is not added; `EPERM` for regular files and
   * directories; `EBADF`, `EINVAL`; `ERR_CLOSED`, `ERR_INVALID_ARG_TYPE`
   */
  modify(fd: number, events: number): this {
    this.#requireOpen('modify');
    requireNumbers('modify', fd, events);
    shared.modify(this.#listener, fd, events);
    return this;
  }

  /**
   * @throws `ENOENT` when the descriptor is not added; `EPERM` for regular files and
   * directories; `EBADF`; `ERR_CLOSED`, `ERR_INVALID_ARG_TYPE`
   */
  remove(fd: number): this {
    this.#requireOpen('remove');
    if (!isInt32(fd)) throw wrongType('incorrect arguments passed to remove(int fd)');
    shared.remove(this.#listener, fd);
    return this;
  }

  /**
   * Removes all descriptors, which stay open.
   * @throws `ERR_CLOSED` for the second time
   */
  close(): null {
    if (this.#closed) throw closed("close can't be called more than once");
    this.#closed = true;
    shared.removeAll(this.#listener);
    return null;
  }

  #requireOpen(method: string): void {
    if (this.#closed) throw closed(`${method} can't be called after calling close`);
  }
}

function requireNumbers(method: string, fd: unknown, events: unknown): void {
  if (isInt32(fd) && typeof events === 'number') return;
  throw wrongType(`incorrect arguments passed to ${method}(int fd, int events)`);
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

// Programs may depend on the messages, so they are those of the original.
function wrongType(message: string): TypeError {
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_TYPE');
}

function closed(message: string): Error {
  return withCode(new Error(message), 'ERR_CLOSED');
}
