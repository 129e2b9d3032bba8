import { ECONNREFUSED, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { encodeHost, encodeInternet, localAddress, remoteAddress } from '../address';
import type { Failure, Target } from './attempt';
import type { TcpConnect } from './connect-options';
import { isIP } from '../ip';
import { setNumber } from '../options';

/** The system never chooses a lower (privileged) port as the local one. */
const FIRST_EPHEMERAL = 1024;

/**
 * Returns how to connect to an address, or a failure if its zone is unknown.
 * @throws `ERR_INVALID_ARG_VALUE` if the zone of `localAddress` is unknown
 */
export function tcpTarget(host: string, o: TcpConnect): Target | Failure {
  const { port, noDelay } = o;
  const bytes = encodeInternet(host, port);
  if (bytes === undefined) return () => invalidValue('options.host', 'has an unknown zone', host);
  const bind = localEnd(isIP(host), o);
  const where = { address: host, port };
  const mayMeetItself = port >= FIRST_EPHEMERAL && o.localPort === 0;
  return {
    bytes,
    where,
    prepare: (fd) => {
      try {
        if (noDelay) setNumber(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1);
        o.setOptions(fd);
      } catch (error) {
        return () => error as Error;
      }
      return bind?.(fd) ?? null;
    },
    verify: (fd) => (mayMeetItself ? refuseItself(fd, where) : null),
  };
}

/** Returns a function that binds a socket to the requested local address or port, if any. */
function localEnd(
  family: number,
  { localAddress, localPort }: TcpConnect,
): ((fd: number) => Failure | null) | undefined {
  if (localAddress === undefined && localPort === 0) return undefined;
  const address = localAddress ?? (family === 6 ? '::' : '0.0.0.0');
  const bytes = encodeHost('options.localAddress', address, localPort);
  return (fd) => {
    // Like libuv: the port may still have old connections in TIME_WAIT, and on Linux several attempts may
    // use it at a time.
    let result = native.setOption(fd, native.SOL_SOCKET, native.SO_REUSEADDR, 1);
    if (result < 0) return () => systemError(result, 'setsockopt');
    result = native.bind(fd, bytes);
    return result < 0 ? () => systemError(result, 'bind', { address, port: localPort }) : null;
  };
}

/**
 * When connecting to an address of this machine, the system may choose the destination port as the local
 * port. If nobody listens there, the SYN reaches the socket itself, which TCP treats as a connection
 * (simultaneous open). Any address may be one of this machine, so every connection is checked.
 */
function refuseItself(fd: number, where: Target['where']): Failure | null {
  try {
    const local = localAddress(fd);
    if (local?.port !== where.port || local?.address !== remoteAddress(fd)?.address) return null;
  } catch (error) {
    return () => error as Error;
  }
  return () => systemError(ECONNREFUSED, 'connect', where);
}
