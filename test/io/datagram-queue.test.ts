import { describe, expect, test, vi } from 'vitest';
import { reactor, writable } from '../../lib/index';
import { Datagram } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { fill, receiveAll, unixPair, waitsForReceiver } from './datagrams';
import { temporary, tracked } from '../support/opened';

describe('a full buffer', () => {
  test.runIf(waitsForReceiver)(
    'of a connected Unix socket’s peer makes sends wait, in order',
    async () => {
      const { ours, theirs } = await unixPair();
      const queued = fill(ours);
      expect(queued).toBeGreaterThan(0);
      const finished: string[] = [];
      const bytes = Buffer.from('first');
      const sending = [
        ours.send(bytes).then(() => finished.push('first')),
        ours.sendMany(['second', 'third']).then(() => finished.push('many')),
        ours.send('fourth').then(() => finished.push('fourth')),
      ];
      // It was copied.
      bytes.fill(0);
      expect(await afterTurns(Promise.race(sending))).toBe(PENDING);
      expect(() => ours.trySend('x')).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
      const seen = await receiveAll(theirs, queued + 4);
      await Promise.all(sending);
      expect(seen.slice(queued)).toEqual(['first', 'second', 'third', 'fourth']);
      expect(finished).toEqual(['first', 'many', 'fourth']);
      // And from the beginning.
      expect(fill(ours)).toBe(queued);
      const again = ours.send('again');
      expect(await receiveAll(theirs, queued + 1)).toHaveLength(queued + 1);
      await again;
    },
  );

  test('of a Unix socket that is only addressed is ENOBUFS at once', async () => {
    const { theirs, path } = await unixPair();
    const sender = tracked(await Datagram.bind({ path: temporary('sender') }));
    let sent = 0;
    const failure = async (): Promise<unknown> => {
      for (;;) {
        await sender.send('x', { path });
        sent++;
      }
    };
    await expect(failure()).rejects.toMatchObject({ code: 'ENOBUFS', address: path });
    await expect(sender.sendMany(['a', 'b'], { path })).rejects.toMatchObject({
      code: 'ENOBUFS',
      sent: 0,
    });
    expect(() => sender.trySend('x', { path })).toThrow(
      expect.objectContaining({ code: 'ENOBUFS' }),
    );
    expect(await receiveAll(theirs, sent)).toHaveLength(sent);
    await sender.send('room again', { path });
    expect(await receiveAll(theirs, 1)).toEqual(['room again']);
  });

  test.runIf(waitsForReceiver)(
    'that cannot be waited for rejects what has waited for its turn only',
    async () => {
      const { ours, theirs, path } = await unixPair();
      const other = tracked(await Datagram.connect({ path }));
      // So many that it is the turn of others, with room all the time.
      const turns = Array.from({ length: 40 }, () => {
        const sent = ours.send('x');
        theirs.tryReceive();
        return sent;
      });
      const sending = ours.sendMany(Array.from({ length: 1000 }, () => 'y'));
      fill(other);
      const attach = vi.spyOn(reactor, 'attach').mockReturnValueOnce(new Error('no memory'));
      await expect(sending).rejects.toThrow('no memory');
      attach.mockRestore();
      await Promise.all(turns);
    },
  );

  test.runIf(waitsForReceiver)('of our own makes an addressed send wait as well', async () => {
    const { theirs, path } = await unixPair();
    const sender = tracked(await Datagram.bind({ path: temporary('sender') }));
    descriptors.setBuffer(sender.fd, true, 1);
    const bytes = Buffer.alloc(1000);
    let sent = 0;
    while (sender.trySend(bytes, { path })) sent++;
    const sending = sender.send('last', { path });
    expect(await afterTurns(sending)).toBe(PENDING);
    const seen = await receiveAll(theirs, sent + 1);
    await sending;
    expect(seen.at(-1)).toBe('last');
  });

  test.runIf(waitsForReceiver)(
    'is told by trySend, and `writable` tells when there is room',
    async () => {
      const { ours, theirs } = await unixPair();
      const queued = fill(ours);
      const room = writable(ours);
      expect(await afterTurns(room)).toBe(PENDING);
      await receiveAll(theirs, queued);
      await room;
      expect(ours.trySend('x')).toBe(true);
    },
  );

  test.runIf(waitsForReceiver)('does not keep a receive from its datagram', async () => {
    const path = temporary('receiver');
    const theirs = tracked(await Datagram.bind({ path }));
    const ours = tracked(await Datagram.connect({ path, localPath: temporary('sender') }));
    const queued = fill(ours);
    const sending = ours.send('waits');
    const receiving = ours.receive();
    await theirs.send('comes', ours.localAddress as { path: string });
    expect((await receiving).data.toString()).toBe('comes');
    expect(await afterTurns(sending)).toBe(PENDING);
    await receiveAll(theirs, queued + 1);
    await sending;
  });

  test.runIf(waitsForReceiver)(
    'of a peer that is closed meanwhile is an error, for each of those that wait',
    async () => {
      const { ours, theirs } = await unixPair();
      fill(ours);
      const sending = [ours.send('a'), ours.sendMany(['b', 'c'])];
      theirs.close();
      await expect(sending[0]).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await expect(sending[1]).rejects.toMatchObject({ code: 'ENOTCONN', sent: 0 });
      expect(ours.closed).toBe(false);
    },
  );
});
