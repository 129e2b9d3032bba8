import { check, invalidType, invalidValue, unsupportedError } from '../errors';
import { native } from '../native';
import * as constants from '../raw/socket-constants';
import { socketFamily } from './address';
import { boolean, integer, MOST_INT, object, refuseForeign, string } from '../validate';
import type { KeepAlive, OptionName, OptionValue, SocketOptionsInit } from './socket-options';

/** One row of the table. */
interface Option<Value> {
  readonly supported: boolean;
  /** Checks the value, before any system call. Returns a function that sets the option. */
  readonly prepare: (name: string, value: unknown) => (fd: number) => void;
  readonly get: (fd: number) => Value;
}

// Darwin has its own names for the idle time, and for a linger time in seconds (its SO_LINGER has ticks).
const KEEPIDLE = constants.TCP_KEEPIDLE ?? constants.TCP_KEEPALIVE;
const LINGER = constants.SO_LINGER_SEC ?? constants.SO_LINGER;

const MOST_SECONDS = 32_767;
const MOST_PROBES = 127;
/** IFNAMSIZ, which includes the terminating NUL byte. */
const INTERFACE_LENGTH = 16;

const word = new Int32Array(2);
const bytesOfWord = new Uint8Array(word.buffer);

/** Gets an option whose value is a C int, or on Darwin sometimes a byte. */
export function getNumber(fd: number, level: number, option: number): number {
  word.fill(0);
  const into = bytesOfWord.subarray(0, Int32Array.BYTES_PER_ELEMENT);
  const length = check(native.getOption(fd, level, option, into), 'getsockopt', fd);
  return length === 1 ? bytesOfWord[0] : word[0];
}

export function setNumber(fd: number, level: number, option: number, value: number): void {
  check(native.setOption(fd, level, option, value), 'setsockopt', fd);
}

function flag(level: number, option: number | undefined): Option<boolean> {
  const { supported, prepare, get } = quantity(level, option);
  return {
    supported,
    prepare: (name, value) => prepare(name, Number(boolean(name, value))),
    get: (fd) => get(fd) !== 0,
  };
}

function quantity(
  level: number,
  option: number | undefined,
  least = 0,
  most = MOST_INT,
): Option<number> {
  return {
    supported: option !== undefined,
    prepare: (name, value) => {
      const int = integer(name, value, least, most);
      return (fd) => setNumber(fd, level, option ?? -1, int);
    },
    // Values with the highest bit set are unsigned (SO_MARK).
    get: (fd) => getNumber(fd, level, option ?? -1) >>> 0,
  };
}

/** An option in seconds, which we take in milliseconds and round up. */
function duration(level: number, option: number | undefined): Option<number> {
  const { supported, prepare, get } = quantity(level, option);
  return {
    supported,
    prepare: (name, value) => prepare(name, seconds(name, value, 1)),
    get: (fd) => get(fd) * 1000,
  };
}

function seconds(name: string, value: unknown, least: number): number {
  return Math.ceil(integer(name, value, least, MOST_SECONDS * 1000) / 1000);
}

const enabled = flag(constants.SOL_SOCKET, constants.SO_KEEPALIVE);
const idle = duration(constants.IPPROTO_TCP, KEEPIDLE);
const interval = duration(constants.IPPROTO_TCP, constants.TCP_KEEPINTVL);
const count = quantity(constants.IPPROTO_TCP, constants.TCP_KEEPCNT, 1, MOST_PROBES);

const keepAlive: Option<false | Required<KeepAlive>> = {
  supported: idle.supported,
  prepare: (name, value) => {
    if (typeof value === 'boolean') return enabled.prepare(name, value);
    if (typeof value !== 'object' || value === null) {
      throw invalidType(name, 'of type boolean or object', value);
    }
    refuseForeign(value, { initialDelay: 'is called idle here' }, name);
    const setTimes = prepareAll({ idle, interval, count }, name, value);
    const enable = enabled.prepare(name, true);
    return (fd) => {
      setTimes(fd);
      // Last, so that it stays off if one of the others fails.
      enable(fd);
    };
  },
  get: (fd) =>
    enabled.get(fd) && { idle: idle.get(fd), interval: interval.get(fd), count: count.get(fd) },
};

/** struct linger: whether it is on, and the seconds. */
const linger: Option<number | false> = {
  supported: true,
  prepare: (name, value) => {
    const structure = value === false ? [0, 0] : [1, seconds(name, value, 0)];
    return (fd) => {
      word.set(structure);
      check(native.setOptionBytes(fd, constants.SOL_SOCKET, LINGER, bytesOfWord), 'setsockopt', fd);
    };
  },
  get: (fd) => {
    check(native.getOption(fd, constants.SOL_SOCKET, LINGER, bytesOfWord), 'getsockopt', fd);
    return word[0] !== 0 && word[1] * 1000;
  },
};

const ofIPv4 = quantity(constants.IPPROTO_IP, constants.IP_TOS, 0, 255);
const ofIPv6 = quantity(constants.IPPROTO_IPV6, constants.IPV6_TCLASS, 0, 255);

const trafficClass: Option<number> = {
  supported: true,
  prepare: (name, value) => {
    const setIPv4 = ofIPv4.prepare(name, value);
    const setIPv6 = ofIPv6.prepare(name, value);
    return (fd) => {
      if (socketFamily(fd) !== native.AF_INET6) {
        setIPv4(fd);
        return;
      }
      setIPv6(fd);
      // The peer may be an IPv4-mapped address. A system that refuses this option has no such peers.
      native.setOption(fd, constants.IPPROTO_IP, constants.IP_TOS, value as number);
    };
  },
  get: (fd) => (socketFamily(fd) === native.AF_INET6 ? ofIPv6 : ofIPv4).get(fd),
};

const bindToDevice: Option<string> = {
  supported: constants.SO_BINDTODEVICE !== undefined,
  prepare: (name, value) => {
    const text = Buffer.from(`${string(name, value)}\0`);
    if (text.length > INTERFACE_LENGTH || text.indexOf(0) !== text.length - 1) {
      throw invalidValue(name, 'must be the name of an interface', value);
    }
    return (fd) => {
      const result = native.setOptionBytes(
        fd,
        constants.SOL_SOCKET,
        constants.SO_BINDTODEVICE ?? -1,
        text,
      );
      check(result, 'setsockopt', fd);
    };
  },
  get: (fd) => {
    const name = Buffer.alloc(INTERFACE_LENGTH);
    check(
      native.getOption(fd, constants.SOL_SOCKET, constants.SO_BINDTODEVICE ?? -1, name),
      'getsockopt',
      fd,
    );
    return name.toString('utf8', 0, name.indexOf(0));
  },
};

/** Every option by its name. */
const TABLE: { readonly [Name in OptionName]: Option<OptionValue<Name>> } = {
  noDelay: flag(constants.IPPROTO_TCP, constants.TCP_NODELAY),
  keepAlive,
  userTimeout: quantity(constants.IPPROTO_TCP, constants.TCP_USER_TIMEOUT),
  fastOpen: quantity(constants.IPPROTO_TCP, constants.TCP_FASTOPEN),
  fastOpenConnect: flag(constants.IPPROTO_TCP, constants.TCP_FASTOPEN_CONNECT),
  receiveBuffer: quantity(constants.SOL_SOCKET, constants.SO_RCVBUF, 1),
  sendBuffer: quantity(constants.SOL_SOCKET, constants.SO_SNDBUF, 1),
  linger,
  trafficClass,
  mark: quantity(constants.SOL_SOCKET, constants.SO_MARK, 0, 2 ** 32 - 1),
  bindToDevice,
  priority: quantity(constants.SOL_SOCKET, constants.SO_PRIORITY),
  reuseAddress: flag(constants.SOL_SOCKET, constants.SO_REUSEADDR),
  reusePort: flag(constants.SOL_SOCKET, constants.SO_REUSEPORT),
  broadcast: flag(constants.SOL_SOCKET, constants.SO_BROADCAST),
};

type Table = Readonly<Record<string, Option<unknown>>>;

/** Checks the values of some options of the table. Returns a function that sets them. */
function prepareAll(table: Table, name: string, given: object): (fd: number) => void {
  const setters = Object.entries(given)
    .filter(([, value]) => (value as unknown) !== undefined)
    .map(([key, value]) => {
      const path = `${name}.${key}`;
      if (Object.hasOwn(table, key)) return supported(key, table[key]).prepare(path, value);
      throw invalidValue(path, `is not one of ${namesOf(table)}`, value);
    });
  return (fd) => {
    for (const set of setters) set(fd);
  };
}

function namesOf(table: Table): string {
  return Object.keys(table).join(', ');
}

function supported(name: string, option: Option<unknown>): Option<unknown> {
  if (!option.supported) throw unsupportedError(`The socket option "${name}"`);
  return option;
}

function optionOf(name: string): Option<unknown> {
  if (Object.hasOwn(TABLE, name)) return supported(name, TABLE[name as OptionName]);
  throw invalidValue('name', `must be one of ${namesOf(TABLE)}`, name);
}

/** @throws `ERR_INVALID_ARG_VALUE` for an unknown name, `ERR_UNSUPPORTED_PLATFORM` */
export function getNamed(fd: number, name: string): unknown {
  return optionOf(name).get(fd);
}

/**
 * Checks the value of an option. Returns a function that sets it.
 * @throws like `getNamed`, and `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function preparedOption(name: string, value: unknown): (fd: number) => void {
  return optionOf(name).prepare('value', value);
}

/**
 * Checks options for a socket that does not exist yet. Returns a function that sets them.
 * @throws like `preparedOption`
 */
export function preparedOptions(name: string, given: SocketOptionsInit = {}): (fd: number) => void {
  object(name, given);
  return prepareAll(TABLE, name, given);
}
