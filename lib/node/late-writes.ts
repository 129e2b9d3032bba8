import type { Duplex } from 'node:stream';
import { nextTick } from '../clock';
import { endedByPeer } from '../errors';

/** As `net.Socket` does: a write that comes after both ends is one to a peer that has gone. */
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
