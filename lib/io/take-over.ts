import { check } from '../errors';
import { native } from '../native';

let restoring = false;

/**
 * Takes ownership of a descriptor: makes it close-on-exec, and non-blocking until it is closed. Blocking
 * mode is restored also when the process exits without closing it, since the open file may be shared with
 * the shell. (A terminated Worker closes its descriptors.) After a fatal signal it stays non-blocking,
 * except where Node itself restores standard input, output and error.
 */
export function takeOver(fd: number): void {
  check(native.adopt(fd), 'fcntl', fd);
  check(native.makeNonBlocking(fd), 'fcntl', fd);
  if (restoring) return;
  restoring = true;
  process.on('exit', native.restoreBlocking);
}
