import { constants, release } from 'node:os';
import { native } from '../../lib/native';
import { descriptors } from './descriptors';

/** A pidfd tells how a child has ended that was reaped by somebody else. */
export const isLinuxOfReaped = isAtLeast(6, 15);

/**
 * Whether the system as we see it tells how a child has ended that was reaped before we asked. An emulator
 * may have a kernel that does, and not pass the question on.
 */
export const tellsOfReaped = native.backend === 'kqueue' || (isLinuxOfReaped && knowsTheQuestion());

function isAtLeast(wantedMajor: number, wantedMinor: number): boolean {
  const [major, minor] = release().split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function knowsTheQuestion(): boolean {
  const fd = native.pidfdOpen(process.pid);
  const answer = native.pidfdExitStatus(fd);
  descriptors.close(fd);
  return answer === -constants.errno.ENODATA;
}
