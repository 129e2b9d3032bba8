import { inspect, type InspectOptions } from 'node:util';
import { check, closedError, invalidType, unsupportedError } from '../errors';
import { native } from '../native';
import { shown } from '../shown';
import { integer, MOST_INT } from '../validate';
import { getNamed, getNumber, preparedOption, setNumber } from './options';
import type { OptionName, OptionValue, SocketOptions } from './socket-options';

/** A constant of the system, as `iomux/socket` exports it; `undefined` if this system lacks it. */
export type Constant = number | undefined;

/** The longest option value that `getOption` returns. */
const MOST_LENGTH = 65536;

/** The properties that `util.inspect` shows, if the handle has them. */
const SHOWN = ['fd', 'address', 'localAddress', 'remoteAddress'];

/** The base of all socket handles: options, by name or by the system's numbers. */
export abstract class SocketHandle {
  /** -1 once closed. */
  abstract get fd(): number;

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.fd === -1;
  }

  /** @internal */
  [inspect.custom](_depth: number, o: InspectOptions): string {
    return shown(this, SHOWN, o);
  }

  /**
   * Returns an option by its name (see `SocketOptions`), or by the system's level and number: a C int
   * or, if a length is given, at most that many bytes.
   * @throws `ERR_CLOSED`, `ERR_INVALID_ARG_VALUE` for an unknown name, `ERR_UNSUPPORTED_PLATFORM` for
   * one that the system lacks; `ENOPROTOOPT` and others of getsockopt(2)
   *
   * @example
   * ```js
   * import { connect } from 'iomux/net';
   * import { IPPROTO_TCP, TCP_INFO, TCP_MAXSEG } from 'iomux/socket';
   * const stream = await connect({ port: 7000 });
   * console.log(stream.getOption('receiveBuffer'), stream.getOption(IPPROTO_TCP, TCP_MAXSEG));
   * const info = stream.getOption(IPPROTO_TCP, TCP_INFO, 256); // struct tcp_info
   * ```
   */
  getOption<Name extends OptionName>(name: Name): OptionValue<Name>;
  getOption(level: Constant, option: Constant): number;
  getOption(level: Constant, option: Constant, length: number): Buffer;
  getOption(name: string | Constant, option?: Constant, length?: number): unknown {
    if (typeof name === 'string') return getNamed(this.#open(), name);
    const level = constant('level', name);
    const number = constant('option', option);
    if (length === undefined) return getNumber(this.#open(), level, number);
    const into = Buffer.alloc(integer('length', length, 1, MOST_LENGTH));
    const fd = this.#open();
    const size = check(native.getOption(fd, level, number, into), 'getsockopt', fd);
    return into.subarray(0, size);
  }

  /**
   * Sets an option by its name (see `SocketOptions`), or by the system's level and number: to a C int,
   * or to the bytes of the structure that it takes.
   * @throws like `getOption`, and `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   *
   * @example
   * ```js
   * import { connect } from 'iomux/net';
   * import { IPPROTO_TCP, TCP_QUICKACK } from 'iomux/socket';
   * const stream = await connect({ port: 7000 });
   * stream.setOption('keepAlive', { idle: 60_000, interval: 10_000, count: 5 });
   * stream.setOption(IPPROTO_TCP, TCP_QUICKACK, 1);
   * ```
   */
  setOption<Name extends OptionName>(name: Name, value: SocketOptions[Name]): this;
  setOption(level: Constant, option: Constant, value: number | boolean | Uint8Array): this;
  setOption(name: string | Constant, option: unknown, value?: unknown): this {
    if (typeof name === 'string') {
      const set = preparedOption(name, option);
      set(this.#open());
      return this;
    }
    const level = constant('level', name);
    const number = constant('option', option);
    if (value instanceof Uint8Array) {
      const fd = this.#open();
      check(native.setOptionBytes(fd, level, number, value), 'setsockopt', fd);
      return this;
    }
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw invalidType('value', 'of type number or boolean, or an instance of Uint8Array', value);
    }
    // Any int or unsigned int.
    const int = integer('value', Number(value), -MOST_INT - 1, 2 * MOST_INT + 1);
    setNumber(this.#open(), level, number, int);
    return this;
  }

  #open(): number {
    const { fd } = this;
    if (fd === -1) throw closedError(this.constructor.name.toLowerCase());
    return fd;
  }
}

/** @throws `ERR_UNSUPPORTED_PLATFORM` for a constant that this system lacks, `ERR_INVALID_ARG_TYPE` */
export function constant(name: string, value: unknown): number {
  if (value === undefined) throw unsupportedError(`What was given as "${name}" (undefined)`);
  return integer(name, value, -MOST_INT - 1, MOST_INT);
}
