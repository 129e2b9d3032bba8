import type { Duplex } from 'node:stream';
import { nextTick } from '../clock';
import { endedByPeer } from '../errors';

/** Like `net.Socket`: after the peer has ended, and the Duplex with it, a write fails with EPIPE. */
export function refuseLateWrites(duplex: Duplex): void {
  const write = duplex.write.bind(duplex);
  duplex.write = (...given: unknown[]) => {
    if (!duplex.writableEnded) return write(...(given as [unknown, BufferEncoding]));
    const error = endedByPeer();
    const callback = given.find((argument) => typeof argument === 'function');
    if (callback !== undefined) nextTick(callback, error);
    duplex.destroy(error);
    return false;
  };
}
