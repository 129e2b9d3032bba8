import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { EDESTADDRREQ } from '../../lib/errors';
import { native } from '../../lib/native';
import { Datagram } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { receiveAll, unixPair } from './datagrams';
import { temporary, tracked } from '../support/opened';

describe('a Unix socket', () => {
  test('leaves no file behind, unless it is another one by then', async () => {
    const path = temporary('socket');
    const first = tracked(await Datagram.bind({ path }));
    expect(first.localAddress).toEqual({ path });
    await expect(Datagram.bind({ path })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'bind',
      address: path,
    });
    first.close();
    expect(existsSync(path)).toBe(false);
    await expect(Datagram.connect({ path })).rejects.toMatchObject({ code: 'ENOENT' });
    const second = tracked(await Datagram.bind({ path }));
    unlinkSync(path);
    writeFileSync(path, 'somebody else’s');
    second.close();
    expect(existsSync(path)).toBe(true);
  });

  test('takes the place of one that has gone without removing its file', async () => {
    const path = temporary('socket');
    const lost = tracked(await Datagram.bind({ path }));
    descriptors.close(lost.fd);
    const again = tracked(await Datagram.bind({ path }));
    const ours = tracked(await Datagram.connect({ path }));
    await ours.send('x');
    expect((await again.receive()).data.toString()).toBe('x');
    // A file that is not a socket is left alone.
    const file = temporary('file');
    writeFileSync(file, 'content');
    await expect(Datagram.bind({ path: file })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(existsSync(file)).toBe(true);
  });

  test('leaves no file behind when it cannot connect', async () => {
    const localPath = temporary('local');
    const failing = Datagram.connect({ path: temporary('nobody'), localPath });
    await expect(failing).rejects.toMatchObject({ code: 'ENOENT', syscall: 'connect' });
    expect(existsSync(localPath)).toBe(false);
  });

  test('sends to a path, and answers whoever has a name', async () => {
    const { theirs, path } = await unixPair();
    const named = tracked(await Datagram.bind({ path: temporary('named') }));
    await named.send('hello', { path });
    const { address } = await theirs.receive();
    expect(address).toEqual(named.localAddress);
    await theirs.send('yourself', address as { path: string });
    expect((await named.receive()).data.toString()).toBe('yourself');
  });

  test('finds its receiver again that was closed and bound once more', async () => {
    const { ours, theirs, path } = await unixPair();
    theirs.close();
    await expect(ours.send('1')).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'sendto' });
    await expect(ours.send('2')).rejects.toMatchObject({ code: 'ENOTCONN', syscall: 'sendto' });
    await expect(ours.sendMany(['3'])).rejects.toMatchObject({ code: 'ENOTCONN', sent: 0 });
    const again = tracked(await Datagram.bind({ path }));
    await ours.sendMany(['4', '5']);
    await ours.send('6');
    expect(await receiveAll(again, 3)).toEqual(['4', '5', '6']);
    expect(ours.remoteAddress).toEqual({ path });
  });

  test('finds it again where the kernel calls it EDESTADDRREQ, as BSD does', async () => {
    const { ours, theirs, path } = await unixPair();
    theirs.close();
    await expect(ours.send('1')).rejects.toThrow();
    const again = tracked(await Datagram.bind({ path }));
    vi.spyOn(native, 'sendDatagram').mockReturnValueOnce(EDESTADDRREQ);
    await ours.send('2');
    expect(await receiveAll(again, 1)).toEqual(['2']);
  });

  test('without a name is nobody’s address', async () => {
    const { ours, theirs } = await unixPair();
    await ours.send('x');
    expect((await theirs.receive()).address).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('an abstract name', () => {
  test('is an address like another, with NUL bytes in it, and leaves no file', async () => {
    const path = `\0iomux-${process.pid}\0test`;
    const theirs = tracked(await Datagram.bind({ path }));
    const ours = tracked(await Datagram.connect({ path, localPath: '' }));
    expect(theirs.localAddress).toEqual({ path });
    await ours.send('x');
    const { address } = await theirs.receive();
    expect(address).toEqual(ours.localAddress);
    expect(address?.path).toMatch(/^\0[0-9a-f]{5}$/);
    await theirs.send('y', address as { path: string });
    expect((await ours.receive()).data.toString()).toBe('y');
  });
});
