import { check, EIO, invalidValue } from '../../errors';
import { native } from '../../native';
import { isMultiplexer } from '../../raw/multiplexer-probe';
import { type Address, localAddress } from '../address';

/** The system calls that move the bytes of a stream, and what can be told from their results. */
export interface Transport {
  readonly receive: (fd: number, into: Uint8Array) => number;
  /** The bytes from `offset` to `end`. */
  readonly send: (fd: number, bytes: Uint8Array, offset: number, end: number) => number;
  /** At most `MOST_PIECES` of them, in one call. */
  readonly sendMany: (fd: number, pieces: readonly Uint8Array[]) => number;
  readonly receiveCall: string;
  readonly sendCall: string;
  readonly sendManyCall: string;
  /** Whether a read that has not filled the buffer took all that was there. */
  readonly shortIsAll: boolean;
  /** Whether a read may be tried before the kernel has reported anything. */
  readonly readsAtOnce: boolean;
  /** Whether the end of what is written is told by closing, and by nothing else. */
  readonly endsByClosing: boolean;
}

export const tcp: Transport = {
  receive: native.receive,
  send: native.send,
  sendMany: native.sendMany,
  receiveCall: 'recv',
  sendCall: 'send',
  sendManyCall: 'sendmsg',
  shortIsAll: true,
  readsAtOnce: true,
  endsByClosing: false,
};

/** A read stops short where a descriptor was sent along, and bytes behind it make no new edge. */
export const unixSocket: Transport = { ...tcp, shortIsAll: false };

/** A read is one line of a terminal, one record of a device or one packet of a pipe. */
const file: Transport = {
  receive: native.read,
  send: native.write,
  sendMany: native.writeMany,
  receiveCall: 'read',
  sendCall: 'write',
  sendManyCall: 'writev',
  shortIsAll: false,
  readsAtOnce: true,
  endsByClosing: false,
};

/** A FIFO that no writer has opened yet would say that it has ended; it reports nothing until then. */
const pipe: Transport = { ...file, readsAtOnce: false };

/** Nothing can be read from it, so that nothing but the writing is there to end. */
const writingEnd: Transport = { ...file, endsByClosing: true };

/** When its other side is closed everywhere, Linux reports the end as an error. */
const ptyMaster: Transport = {
  ...file,
  receive: (fd, into) => {
    const count = native.read(fd, into);
    return count === EIO ? 0 : count;
  },
};

/**
 * How an open descriptor moves bytes.
 * @throws `EBADF`; `ERR_INVALID_ARG_VALUE` for a socket that is no stream, of which a read would cut
 * messages, and for a multiplexer
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

/** How a stream socket with this address moves bytes. */
export function transportAt(address: Address | null): Transport {
  return address?.port === undefined ? unixSocket : tcp;
}
