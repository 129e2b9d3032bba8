import { check, EINVAL, ENOTCONN } from '../errors';
import { native } from '../native';

/** The address of one end of a TCP connection, or of a listener, as `net.AddressInfo` has it. */
export interface InternetAddress {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

export function localAddress(fd: number): InternetAddress | null {
  return toAddress(native.localAddress(fd), 'getsockname', fd);
}

export function remoteAddress(fd: number): InternetAddress | null {
  return toAddress(native.remoteAddress(fd), 'getpeername', fd);
}

function toAddress(
  result: ReturnType<typeof native.localAddress>,
  syscall: string,
  fd: number,
): InternetAddress | null {
  if (typeof result === 'number') {
    // The peer has reset the connection: it has no name any more. Darwin says EINVAL.
    if (result !== ENOTCONN && result !== EINVAL) check(result, syscall, fd);
    return null;
  }
  const { address, port, family } = result;
  if (family === 0) return null;
  return { address, port, family: family === 4 ? 'IPv4' : 'IPv6' };
}
