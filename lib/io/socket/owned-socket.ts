import { check } from '../../errors';
import { native } from '../../native';
import { refuseOwned } from '../../raw/owned-fd';
import { SO_TYPE, SOL_SOCKET } from '../../raw/socket-constants';
import { integer, MOST_FD, MOST_INT } from '../../validate';
import { getNumber } from '../options';
import { type Constant, constant } from '../socket-handle';

/** A socket that belongs to this thread: non-blocking and close-on-exec. */
export class OwnedSocket {
  constructor(
    readonly fd: number,
    /** `SOCK_STREAM` or so. */
    readonly type: number,
  ) {}

  static open(domain: Constant, type: Constant, protocol: number): OwnedSocket {
    const family = constant('domain', domain);
    const kind = constant('type', type);
    integer('protocol', protocol, 0, MOST_INT);
    return new OwnedSocket(check(native.socket(family, kind, protocol), 'socket'), kind);
  }

  static pair(domain: Constant, type: Constant, protocol: number): [OwnedSocket, OwnedSocket] {
    const family = constant('domain', domain);
    const kind = constant('type', type);
    integer('protocol', protocol, 0, MOST_INT);
    const ends = new Int32Array(2);
    check(native.socketPair(family, kind, protocol, ends), 'socketpair');
    return [new OwnedSocket(ends[0], kind), new OwnedSocket(ends[1], kind)];
  }

  /** Takes over an open descriptor. One that is refused is left unchanged. */
  static adopt(fd: number): OwnedSocket {
    integer('fd', fd, 0, MOST_FD);
    refuseOwned(fd);
    const type = getNumber(fd, SOL_SOCKET, SO_TYPE);
    check(native.setNonBlocking(fd), 'fcntl', fd);
    check(native.adopt(fd), 'fcntl', fd);
    return new OwnedSocket(fd, type);
  }
}
