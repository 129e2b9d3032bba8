import { check } from '../../errors';
import { native } from '../../native';

/** SD_LISTEN_FDS_START: the first descriptor after the standard ones. */
const FIRST = 3;
const VARIABLES = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** A descriptor passed by the service manager. */
export interface InheritedDescriptor {
  /** Close-on-exec, and owned by whoever takes it over. */
  readonly fd: number;
  /** What the service manager calls it (`FileDescriptorName=`), or `'unknown'`. Several may share a name. */
  readonly name: string;
}

/**
 * Returns the descriptors that the service manager has opened for this process: socket activation, like
 * sd_listen_fds_with_names(3). Empty if there are none, or if they are meant for another process, such as
 * the shell or npm that started this one. Must be called on the main thread, and returns them only once:
 * the variables are removed from `process.env`, so that a child does not take them for its own.
 * @throws `EBADF` when one of them is not open
 *
 * @example
 * ```js
 * import { inheritedDescriptors, listen } from 'iomux/net';
 * const [socket] = inheritedDescriptors();
 * const listener = await listen(socket ? { fd: socket.fd } : { port: 7000 });
 * ```
 */
export function inheritedDescriptors(): InheritedDescriptor[] {
  const [pid, , count, names = ''] = VARIABLES.map((variable) => process.env[variable]);
  for (const variable of VARIABLES) Reflect.deleteProperty(process.env, variable);
  const found: InheritedDescriptor[] = [];
  if (Number(pid) !== process.pid) return found;
  const nameOf = names.split(':');
  for (let i = 0; i < Number(count); i++) {
    check(native.fileType(FIRST + i), 'fstat', FIRST + i);
    found.push({ fd: FIRST + i, name: nameOf[i] || 'unknown' });
  }
  return found;
}
