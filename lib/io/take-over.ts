import { check } from '../errors';
import { native } from '../native';

let restoring = false;

/**
 * Makes somebody's descriptor ours: close-on-exec, and non-blocking until it is closed. Also when the
 * process ends without closing it (a terminated Worker closes what it has): the open file may be
 * shared with the shell. A signal that kills the process leaves it as it is; Node sees to standard
 * input, output and error then, where it can.
 */
export function takeOver(fd: number): void {
  check(native.adopt(fd), 'fcntl', fd);
  check(native.makeNonBlocking(fd), 'fcntl', fd);
  if (restoring) return;
  restoring = true;
  process.on('exit', native.restoreBlocking);
}
