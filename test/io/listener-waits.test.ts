import { once } from 'node:events';
import { constants } from 'node:os';
import { connect as netConnect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readable } from '../../lib/index';
import { native } from '../../lib/native';
import { ended, inChild } from '../support/child';
import { tracked } from '../support/opened';
import { listening } from './peers';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an accept that waits', () => {
  test.each(['referenced', 'unreferenced', 'referenced again'] as const)(
    'keeps the process alive, unless it is unreferenced: %s',
    async (how) => {
      const outcome = await inChild(
        async ({ net, fs, later }, given: typeof how) => {
          const listener = await net.listen({ host: '127.0.0.1', port: 0 });
          if (given !== 'referenced') listener.unref().unref();
          const accepting = listener.accept();
          accepting.catch(() => undefined);
          if (given === 'referenced again') listener.ref().ref();
          // Nothing else does.
          setTimeout(() => {
            fs.writeSync(1, JSON.stringify('alive'));
            listener.close();
          }, later).unref();
        },
        { argument: how },
      );
      expect(outcome).toEqual({ ...ended, result: how === 'unreferenced' ? undefined : 'alive' });
    },
  );

  test('does so until it is unreferenced, and a served connection goes on doing it', async () => {
    const outcome = await inChild(async ({ net, fs }) => {
      const listener = await net.listen({ host: '127.0.0.1', port: 0 });
      void listener.serve(async (stream) => {
        listener.unref();
        await stream.read(Buffer.alloc(1));
        fs.writeSync(1, JSON.stringify('served'));
      });
      const socket = (require('node:net') as typeof import('node:net')).connect(
        listener.address.port,
        '127.0.0.1',
      );
      socket.unref();
      setTimeout(() => socket.write('x'), 20).unref();
    });
    expect(outcome).toEqual({ ...ended, result: 'served' });
  });

  test('whose signal aborts with its connection there leaves it to others', async () => {
    const { listener, port } = await listening();
    const controller = new AbortController();
    const reason = new Error('enough');
    // Told by the same event, and before the other one.
    const told = readable(listener).then(() => controller.abort(reason));
    const accepting = listener.accept({ signal: controller.signal });
    const socket = tracked(netConnect({ host: '127.0.0.1', port }));
    const connected = once(socket, 'connect');
    await expect(accepting).rejects.toBe(reason);
    await told;
    await connected;
    const stream = tracked(await listener.accept());
    expect(stream.remoteAddress?.port).toBe(socket.localPort);
  });

  test('goes on after a connection that has failed by itself', async () => {
    const { listener, port } = await listening();
    const accept = vi.spyOn(native, 'accept');
    // A simulated result: see accept(2) on the errors that Linux passes on.
    accept.mockReturnValueOnce(-constants.errno.EPROTO);
    const socket = tracked(netConnect({ host: '127.0.0.1', port }));
    await once(socket, 'connect');
    tracked(await listener.accept());
    expect(accept).toHaveBeenCalledTimes(2);
  });
});

describe('a listener without descriptors', () => {
  test('on a path pauses as well, warns once, and serves again', async () => {
    const outcome = await inChild(
      async ({ net, descriptors, fs }, path: string) => {
        const warnings: string[] = [];
        process.removeAllListeners('warning');
        process.on('warning', ({ message }) => warnings.push(message));
        const listener = await net.listen({ path });
        const sockets = [0, 1].map(() =>
          (require('node:net') as typeof import('node:net')).connect(path),
        );
        await Promise.all(sockets.map((socket) => new Promise((f) => socket.once('connect', f))));
        const lowest = fs.openSync('/dev/null', 'r');
        fs.closeSync(lowest);
        const before = descriptors.limitDescriptors(lowest);
        const warned = new Promise((resolve) => process.once('warning', resolve));
        let served = 0;
        const serving = listener.serve(() => {
          if (++served === 2) listener.close();
        });
        await warned;
        const servedWithout = served;
        descriptors.limitDescriptors(before);
        await serving;
        for (const socket of sockets) socket.destroy();
        return { warnings, servedWithout, served };
      },
      { argument: `${process.env['TMPDIR'] ?? '/tmp'}/iomux-${process.pid}.sock` },
    );
    const warnings = ['EMFILE: too many open files, accept'];
    expect(outcome).toEqual({ ...ended, result: { warnings, servedWithout: 0, served: 2 } });
  });

  test('does not keep the process alive with its pause when it is unreferenced', async () => {
    const outcome = await inChild(async ({ net, descriptors, fs }) => {
      process.removeAllListeners('warning');
      const listener = await net.listen({ host: '127.0.0.1', port: 0 });
      const port = listener.address.port;
      const socket = (require('node:net') as typeof import('node:net')).connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.unref();
      const lowest = fs.openSync('/dev/null', 'r');
      fs.closeSync(lowest);
      descriptors.limitDescriptors(lowest);
      const warned = new Promise((resolve) => process.once('warning', resolve));
      void listener.accept();
      await warned;
      listener.unref();
    });
    expect(outcome).toEqual({ ...ended, result: undefined });
  });
});
