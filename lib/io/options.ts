import { check, invalidType, invalidValue, unsupportedError } from '../errors';
import { native } from '../native';
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IP_TOS,
  SOL_SOCKET,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_LINGER_SEC,
  SO_MARK,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_KEEPALIVE,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '../raw/socket-constants';
import { boolean, integer, MOST_INT, object, refuseForeign, string } from '../validate';

/**
 * What can be set on a socket by name. Times are in milliseconds, sizes in bytes. Which sockets have
 * which is the system's to say: it answers `ENOPROTOOPT`, `ENOTSUP` or, on macOS, `EOPNOTSUPP` where one
 * does not apply.
 */
export interface SocketOptions {
  /** TCP_NODELAY: small writes go out at once. */
  noDelay: boolean;
  /** SO_KEEPALIVE: a TCP connection on which nothing comes is asked whether its peer is still there. */
  keepAlive: boolean | KeepAlive;
  /** TCP_USER_TIMEOUT: a connection fails (`ETIMEDOUT`) when what was sent is not acknowledged so long. */
  userTimeout: number;
  /** TCP_FASTOPEN of a listener: how many connections may send before they are accepted; 0: none. */
  fastOpen: number;
  /** TCP_FASTOPEN_CONNECT: connecting succeeds at once, and the first bytes go with the request. */
  fastOpenConnect: boolean;
  /** SO_RCVBUF. Linux reserves, and tells, twice as much, for what the kernel itself needs of it. */
  receiveBuffer: number;
  /** SO_SNDBUF; the same. */
  sendBuffer: number;
  /**
   * SO_LINGER, in whole seconds, rounded up. 0: closing resets the connection and drops what has not
   * been sent. More than that: closing **blocks the thread** until all is acknowledged, or the time
   * is over. `false`, the default: the kernel goes on sending by itself.
   */
  linger: number | false;
  /** IP_TOS and IPV6_TCLASS: the byte with the DSCP (6 bits) and ECN (2 bits), 0 to 255. */
  trafficClass: number;
  /** SO_MARK, for firewalls and routing rules. Needs CAP_NET_ADMIN. */
  mark: number;
  /** SO_BINDTODEVICE: the name of the only interface to use; `''` for any. */
  bindToDevice: string;
  /** SO_PRIORITY: which queue of the interface; above 6 needs CAP_NET_ADMIN. */
  priority: number;
  /** SO_REUSEADDR: the port may still have old connections in TIME_WAIT. Before `bind`. */
  reuseAddress: boolean;
  /** SO_REUSEPORT: several sockets share the port, and the kernel spreads the load. Before `bind`. */
  reusePort: boolean;
  /** SO_BROADCAST: datagrams may go to a broadcast address. */
  broadcast: boolean;
}

/** When a silent peer is given up; what is not given stays as it is. */
export interface KeepAlive {
  /** Silence before the first question: 1,000 to 32,767,000, in whole seconds, rounded up. */
  readonly idle?: number;
  /** Between two questions; likewise. */
  readonly interval?: number;
  /** How many remain unanswered before the connection fails: 1 to 127. */
  readonly count?: number;
}

/** The names that `getOption` and `setOption` know. */
export type OptionName = keyof SocketOptions;
/** What `getOption` tells by name. */
export type OptionValue<Name extends OptionName> = Name extends 'keepAlive'
  ? false | Required<KeepAlive>
  : SocketOptions[Name];

/** One row of the table. Constants are `undefined` where the system has no such option. */
interface Option<Told> {
  readonly supported: boolean;
  /** Throws for what it does not take, before any system call; what it returns sets the option. */
  readonly prepare: (name: string, value: unknown) => (fd: number) => void;
  readonly get: (fd: number) => Told;
}

// Darwin's names for two things: the idle time, and a linger time that is in seconds as elsewhere.
const KEEPIDLE = TCP_KEEPIDLE ?? TCP_KEEPALIVE;
const LINGER = SO_LINGER_SEC ?? SO_LINGER;

const MOST_SECONDS = 32_767;
const MOST_PROBES = 127;
/** IFNAMSIZ, with the NUL byte at the end of the name. */
const INTERFACE_LENGTH = 16;

const word = new Int32Array(2);
const bytesOfWord = new Uint8Array(word.buffer);

/** An option whose value is a C int, in Darwin sometimes a byte. */
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
  const { supported, get } = quantity(level, option);
  return {
    supported,
    prepare: (name, value) => {
      const int = Number(boolean(name, value));
      return (fd) => setNumber(fd, level, option ?? -1, int);
    },
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
    // One that may have its highest bit set is unsigned.
    get: (fd) => getNumber(fd, level, option ?? -1) >>> 0,
  };
}

function seconds(name: string, value: unknown, least: number): number {
  return Math.ceil(integer(name, value, least, MOST_SECONDS * 1000) / 1000);
}

const enabled = flag(SOL_SOCKET, SO_KEEPALIVE);
const idleTime = quantity(IPPROTO_TCP, KEEPIDLE);
const pause = quantity(IPPROTO_TCP, TCP_KEEPINTVL);
const probes = quantity(IPPROTO_TCP, TCP_KEEPCNT, 1, MOST_PROBES);

const keepAlive: Option<false | Required<KeepAlive>> = {
  supported: idleTime.supported,
  prepare: (name, value) => {
    if (typeof value === 'boolean') return enabled.prepare(name, value);
    if (typeof value !== 'object' || value === null) {
      throw invalidType(name, 'of type boolean or object', value);
    }
    refuseForeign(value, { initialDelay: 'is called idle here' }, name);
    const { idle, interval, count, ...others } = value as KeepAlive;
    const other = Object.entries(others).at(0);
    if (other)
      throw invalidValue(`${name}.${other[0]}`, 'is not one of idle, interval, count', other[1]);
    const setters: ((fd: number) => void)[] = [];
    const add = (option: Option<number>, key: string, given: number): void => {
      setters.push(option.prepare(`${name}.${key}`, given));
    };
    if (idle !== undefined) add(idleTime, 'idle', seconds(`${name}.idle`, idle, 1));
    if (interval !== undefined) add(pause, 'interval', seconds(`${name}.interval`, interval, 1));
    if (count !== undefined) add(probes, 'count', count);
    // Last, so that it is not on when one of the others fails.
    setters.push(enabled.prepare(name, true));
    return (fd) => {
      for (const set of setters) set(fd);
    };
  },
  get: (fd) =>
    enabled.get(fd) && {
      idle: idleTime.get(fd) * 1000,
      interval: pause.get(fd) * 1000,
      count: probes.get(fd),
    },
};

/** struct linger: whether, and how many seconds. */
const linger: Option<number | false> = {
  supported: true,
  prepare: (name, value) => {
    const structure = value === false ? [0, 0] : [1, seconds(name, value, 0)];
    return (fd) => {
      word.set(structure);
      check(native.setOptionBytes(fd, SOL_SOCKET, LINGER, bytesOfWord), 'setsockopt', fd);
    };
  },
  get: (fd) => {
    check(native.getOption(fd, SOL_SOCKET, LINGER, bytesOfWord), 'getsockopt', fd);
    return word[0] !== 0 && word[1] * 1000;
  },
};

const ofIPv4 = quantity(IPPROTO_IP, IP_TOS, 0, 255);
const ofIPv6 = quantity(IPPROTO_IPV6, IPV6_TCLASS, 0, 255);

const trafficClass: Option<number> = {
  supported: true,
  prepare: (name, value) => {
    const setIPv4 = ofIPv4.prepare(name, value);
    const setIPv6 = ofIPv6.prepare(name, value);
    return (fd) => {
      if (!isIPv6(fd)) {
        setIPv4(fd);
        return;
      }
      setIPv6(fd);
      // Its peer may have an IPv4 address. Where the system refuses that, it cannot.
      native.setOption(fd, IPPROTO_IP, IP_TOS, value as number);
    };
  },
  get: (fd) => (isIPv6(fd) ? ofIPv6 : ofIPv4).get(fd),
};

function isIPv6(fd: number): boolean {
  const name = new Uint8Array(native.FAMILY_OFFSET + 1);
  check(native.localAddress(fd, name), 'getsockname', fd);
  return name[native.FAMILY_OFFSET] === native.AF_INET6;
}

const bindToDevice: Option<string> = {
  supported: SO_BINDTODEVICE !== undefined,
  prepare: (name, value) => {
    const text = Buffer.from(`${string(name, value)}\0`);
    if (text.length > INTERFACE_LENGTH || text.indexOf(0) !== text.length - 1) {
      throw invalidValue(name, 'must be the name of an interface', value);
    }
    return (fd) => {
      const result = native.setOptionBytes(fd, SOL_SOCKET, SO_BINDTODEVICE ?? -1, text);
      check(result, 'setsockopt', fd);
    };
  },
  get: (fd) => {
    const name = Buffer.alloc(INTERFACE_LENGTH);
    check(native.getOption(fd, SOL_SOCKET, SO_BINDTODEVICE ?? -1, name), 'getsockopt', fd);
    return name.toString('utf8', 0, name.indexOf(0));
  },
};

/** Of every name that there is. */
const TABLE: { readonly [Name in OptionName]: Option<OptionValue<Name>> } = {
  noDelay: flag(IPPROTO_TCP, TCP_NODELAY),
  keepAlive,
  userTimeout: quantity(IPPROTO_TCP, TCP_USER_TIMEOUT),
  fastOpen: quantity(IPPROTO_TCP, TCP_FASTOPEN),
  fastOpenConnect: flag(IPPROTO_TCP, TCP_FASTOPEN_CONNECT),
  receiveBuffer: quantity(SOL_SOCKET, SO_RCVBUF, 1),
  sendBuffer: quantity(SOL_SOCKET, SO_SNDBUF, 1),
  linger,
  trafficClass,
  mark: quantity(SOL_SOCKET, SO_MARK, 0, 2 ** 32 - 1),
  bindToDevice,
  priority: quantity(SOL_SOCKET, SO_PRIORITY),
  reuseAddress: flag(SOL_SOCKET, SO_REUSEADDR),
  reusePort: flag(SOL_SOCKET, SO_REUSEPORT),
  broadcast: flag(SOL_SOCKET, SO_BROADCAST),
};

const NAMES = Object.keys(TABLE).join(', ');

function optionOf(name: string): Option<unknown> {
  if (!Object.hasOwn(TABLE, name)) {
    throw invalidValue('name', `must be one of ${NAMES}`, name);
  }
  const option = TABLE[name as OptionName] as Option<unknown>;
  if (!option.supported) throw unsupportedError(`The socket option "${name}"`);
  return option;
}

/** @throws `ERR_INVALID_ARG_VALUE` for an unknown name, `ERR_UNSUPPORTED_PLATFORM` */
export function getNamed(fd: number, name: string): unknown {
  return optionOf(name).get(fd);
}

/** What it returns sets it. @throws the same, and `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function preparedOption(name: string, value: unknown): (fd: number) => void {
  return optionOf(name).prepare('value', value);
}

/**
 * Checks options that are to be set on sockets that are not made yet; what it returns sets them.
 * @throws like `preparedOption`
 */
export function preparedOptions(
  name: string,
  given: Partial<SocketOptions> | undefined,
): (fd: number) => void {
  if (given === undefined) return () => undefined;
  object(name, given);
  const setters = Object.entries(given)
    .filter(([, value]) => (value as unknown) !== undefined)
    .map(([key, value]) => {
      const path = `${name}.${key}`;
      if (!Object.hasOwn(TABLE, key)) throw invalidValue(path, `is not one of ${NAMES}`, value);
      return optionOf(key).prepare(path, value);
    });
  return (fd) => {
    for (const set of setters) set(fd);
  };
}
