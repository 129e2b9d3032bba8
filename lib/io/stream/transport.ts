import { check, EIO, invalidValue } from '../../errors';
import { native } from '../../native';
import { isMultiplexer } from '../../raw/multiplexer-probe';
import { type Address, localAddress } from '../address';

/** The system calls that move the bytes of a stream, and what their results mean. */
export interface Transport {
  readonly receive: (fd: number, into: Uint8Array) => number;
  /** The bytes from `offset` to `end`. */
  readonly send: (fd: number, bytes: Uint8Array, offset: number, end: number) => number;
  /** Sends at most `MOST_PIECES` pieces with one call. */
  readonly sendMany: (fd: number, pieces: readonly Uint8Array[]) => number;
  readonly receiveCall: string;
  readonly sendCall: string;
  readonly sendManyCall: string;
  /** Whether a read that did not fill the buffer has read everything. */
  readonly shortReadDrains: boolean;
  /** Whether a read may be tried before the kernel has reported an event. */
  readonly readsAtOnce: boolean;
  /** Whether closing is the only way to signal the end of what is written. */
  readonly endsByClosing: boolean;
}

export const tcp: Transport = {
  receive: native.receive,
  send: native.send,
  sendMany: native.sendMany,
  receiveCall: 'recv',
  sendCall: 'send',
  sendManyCall: 'sendmsg',
  shortReadDrains: true,
  readsAtOnce: true,
  endsByClosing: false,
};

/** A read stops after bytes that came with a descriptor, and the bytes behind them cause no new edge. */
export const unixSocket: Transport = { ...tcp, shortReadDrains: false };

/** One read returns one line of a terminal, one record of a device or one packet of a pipe. */
const file: Transport = {
  receive: native.read,
  send: native.write,
  sendMany: native.writeMany,
  receiveCall: 'read',
  sendCall: 'write',
  sendManyCall: 'writev',
  shortReadDrains: false,
  readsAtOnce: true,
  endsByClosing: false,
};

/** Before a writer opens a FIFO, a read returns 0, as at the end, but no event is reported. */
const pipe: Transport = { ...file, readsAtOnce: false };

/** It cannot be read, so closing it ends nothing else. */
const writingEnd: Transport = { ...file, endsByClosing: true };

/** When the last descriptor of the other side is closed, Linux reports the end as EIO. */
const ptyMaster: Transport = {
  ...file,
  receive: (fd, into) => {
    const count = native.read(fd, into);
    return count === EIO ? 0 : count;
  },
};

/**
 * Returns the transport for an open descriptor.
 * @throws `EBADF`; `ERR_INVALID_ARG_VALUE` for a message socket, since reads would truncate messages, and
 * for a multiplexer
 */
export function transportOf(fd: number): Transport {
  const type = check(native.fileType(fd), 'fstat', fd);
  if (type === native.S_IFSOCK) return socketTransport(fd);
  if (isMultiplexer(fd)) {
    throw invalidValue('fd', 'must be a stream, and not a multiplexer', fd);
  }
  if (native.isPtyMaster(fd) === 1) return ptyMaster;
  const access = check(native.statusFlags(fd), 'fcntl', fd) & native.O_ACCMODE;
  if (access === native.O_WRONLY) return writingEnd;
  return type === native.S_IFIFO ? pipe : file;
}

function socketTransport(fd: number): Transport {
  if (check(native.socketType(fd), 'getsockopt', fd) !== native.SOCK_STREAM) {
    throw invalidValue('fd', 'must be a stream, and not a socket of messages', fd);
  }
  return transportAt(localAddress(fd));
}

/** Returns the transport for a stream socket with this address. */
export function transportAt(address: Address | null): Transport {
  return address?.port === undefined ? unixSocket : tcp;
}
