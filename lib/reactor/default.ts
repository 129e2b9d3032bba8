import type { Readiness } from '../poll/events';
import type { Interest, Mode } from '../poll/interest';
import type { Abortable, Source } from '../validate';
import { Reactor } from './reactor';
import type { Registration } from './registration';

/** This thread's default reactor. `readable`, `register` and the other functions are its methods. */
export const reactor = new Reactor();

/**
 * Resolves when the source is readable, immediately if it already is.
 * @throws `EPERM` for regular files and directories, `EBADF`, `ERR_CLOSED` after `notifyClosing`,
 * the signal's reason
 *
 * @example
 * ```js
 * import { readable } from 'iomux';
 * await readable(process.stdin, { signal: AbortSignal.timeout(1000) });
 * ```
 */
export function readable(source: Source, o?: Abortable): Promise<void> {
  return reactor.readable(source, o);
}

/**
 * Resolves when the source is writable, immediately if it already is. Otherwise like `readable`.
 *
 * @example
 * ```js
 * import { writable } from 'iomux';
 * while (stream.tryWrite('x') === -1) await writable(stream);
 * ```
 */
export function writable(source: Source, o?: Abortable): Promise<void> {
  return reactor.writable(source, o);
}

/**
 * Resolves when there is an exceptional condition: urgent data on TCP, an edge on a GPIO line.
 * Otherwise like `readable`.
 *
 * @example
 * ```js
 * import fs from 'node:fs';
 * import { priority } from 'iomux';
 * const fd = fs.openSync('/sys/class/gpio/gpio17/value', 'r'); // with its `edge` set to `both`
 * for (;;) {
 *   fs.readSync(fd, buffer, 0, 1, 0);
 *   console.log(buffer[0] === 0x31 ? 'high' : 'low');
 *   await priority(fd);
 * }
 * ```
 */
export function priority(source: Source, o?: Abortable): Promise<void> {
  return reactor.priority(source, o);
}

/**
 * Resolves when any part of `interest` is ready, and reports which.
 *
 * @example
 * ```js
 * import { ready, READABLE, WRITABLE } from 'iomux';
 * const { readable, hangup } = await ready(socket, READABLE | WRITABLE);
 * ```
 */
export function ready(source: Source, interest: Interest, o?: Abortable): Promise<Readiness> {
  return reactor.ready(source, interest, o);
}

/**
 * Iterates over the readiness events of the source; see `Reactor.watch`.
 *
 * @example
 * ```js
 * import fs from 'node:fs';
 * import { watch, READABLE } from 'iomux';
 * for await (const { hangup } of watch(fd, READABLE)) {
 *   if (hangup) break;
 *   fs.readSync(fd, buffer);
 * }
 * ```
 */
export function watch(
  source: Source,
  interest: Interest,
  o?: Abortable & { mode?: 'level' | 'edge' | undefined },
): AsyncIterableIterator<Readiness, undefined> {
  return reactor.watch(source, interest, o);
}

/**
 * Calls `callback` whenever the source is ready, until the registration is closed; like asyncio's
 * `add_reader`. See `Reactor.register`.
 *
 * @example
 * ```js
 * import fs from 'node:fs';
 * import { register, READABLE } from 'iomux';
 * const registration = register(fd, READABLE, () => {
 *   if (fs.readSync(fd, buffer) === 0) registration.close();
 * });
 * ```
 */
export function register(
  source: Source,
  interest: Interest,
  callback: (readiness: Readiness) => void,
  o?: { mode?: Mode | undefined },
): Registration {
  return reactor.register(source, interest, callback, o);
}

/**
 * Must be called before you close a descriptor that may have waiters: the kernel forgets a closed
 * descriptor silently. Rejects pending waits with `ERR_CLOSED`, and closes registrations.
 *
 * @example
 * ```js
 * import fs from 'node:fs';
 * import { notifyClosing } from 'iomux';
 * notifyClosing(fd);
 * fs.closeSync(fd);
 * ```
 */
export function notifyClosing(source: Source): void {
  reactor.notifyClosing(source);
}
