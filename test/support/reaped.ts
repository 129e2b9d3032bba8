import { constants, release } from 'node:os';
import { native } from '../../lib/native';
import { descriptors } from './descriptors';

/** Whether the kernel tells through a pidfd how a child has ended that somebody else has reaped. */
export const kernelTellsOfReaped = isAtLeast(6, 15);

/**
 * Whether the system tells how a child has ended that was reaped before we asked. On an emulator the kernel
 * may be new enough, but the emulator does not pass the ioctl on.
 */
export const systemTellsOfReaped =
  native.backend === 'kqueue' || (kernelTellsOfReaped && passesIoctlOn());

function isAtLeast(wantedMajor: number, wantedMinor: number): boolean {
  const [major, minor] = release().split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function passesIoctlOn(): boolean {
  const fd = native.pidfdOpen(process.pid);
  const answer = native.pidfdExitStatus(fd);
  descriptors.close(fd);
  return answer === -constants.errno.ENODATA;
}
