import { ECONNREFUSED, invalidValue, systemError } from '../../errors';
import { native } from '../../native';
import { encodeHost, encodeInternet, localAddress, remoteAddress } from '../address';
import type { Failure, Target } from './attempt';
import type { TcpConnect } from './connect-options';
import { isIP } from '../ip';
import { setNumber } from '../options';

/** Ports below are privileged, and no system takes one for a connection that asks for none. */
const FIRST_EPHEMERAL = 1024;

/**
 * How to connect there, or why that cannot be tried: the address has a zone that there is not.
 * @throws `ERR_INVALID_ARG_VALUE` for a `localAddress` that has one
 */
export function tcpTarget(host: string, o: TcpConnect): Target | Failure {
  const { port, noDelay } = o;
  const bytes = encodeInternet(host, port);
  if (bytes === undefined) return () => invalidValue('options.host', 'has an unknown zone', host);
  const bind = localEnd(isIP(host), o);
  const target: Target = {
    bytes,
    where: { address: host, port },
    prepare: (fd) => {
      try {
        if (noDelay) setNumber(fd, native.IPPROTO_TCP, native.TCP_NODELAY, 1);
        o.setOptions(fd);
      } catch (error) {
        return () => error as Error;
      }
      return bind?.(fd) ?? null;
    },
  };
  const mayMeetItself = port >= FIRST_EPHEMERAL && o.localPort === 0;
  return mayMeetItself ? { ...target, verify: (fd) => refuseItself(fd, target.where) } : target;
}

/** Binds a socket as was asked for, if it was. */
function localEnd(
  family: number,
  { localAddress, localPort }: TcpConnect,
): ((fd: number) => Failure | null) | undefined {
  if (localAddress === undefined && localPort === 0) return undefined;
  const address = localAddress ?? (family === 6 ? '::' : '0.0.0.0');
  const bytes = encodeHost('options.localAddress', address, localPort);
  return (fd) => {
    // Like libuv: a port can be used again while connections of before linger on it, and by several
    // attempts at a time where the system allows that (Linux).
    let result = native.setOption(fd, native.SOL_SOCKET, native.SO_REUSEADDR, 1);
    if (result < 0) return () => systemError(result, 'setsockopt');
    result = native.bind(fd, bytes);
    return result < 0 ? () => systemError(result, 'bind', { address, port: localPort }) : null;
  };
}

/**
 * On the machine itself the system may choose the very port that is connected to as the socket's own:
 * its SYN then meets itself, and TCP calls that connected. It happens only while nobody listens there.
 * Any address may be one of the machine, so that all are asked.
 */
function refuseItself(fd: number, where: Target['where']): Failure | null {
  const local = localAddress(fd);
  if (local?.port !== where.port || local?.address !== remoteAddress(fd)?.address) return null;
  return () => systemError(ECONNREFUSED, 'connect', where);
}
