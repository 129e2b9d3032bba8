import { check } from '../errors';
import { native } from '../native';

/** Opens a socket, and closes it if `use` throws. */
export function openSocket<T>(family: number, type: number, use: (fd: number) => T): T {
  const fd = check(native.socket(family, type, 0), 'socket');
  try {
    return use(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
}
