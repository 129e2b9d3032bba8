import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  FileWatch,
  Poller,
  READABLE,
  Reactor,
  reactor,
  Signals,
  Timer,
  Waker,
} from '../../lib/index';
import { Epoll } from '../../lib/epoll';
import { Kqueue } from '../../lib/kqueue';
import { native } from '../../lib/native';
import { listen, Stream } from '../../lib/net';
import { AF_UNIX, SOCK_DGRAM, Socket } from '../../lib/socket';
import { descriptors, owned, pipe } from '../support/descriptors';

const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Handle {
  readonly fd: number;
  close(): unknown;
}

const handles: Record<string, () => Handle | Promise<Handle>> = {
  'a multiplexer': () => (native.backend === 'epoll' ? new Epoll() : new Kqueue()),
  'a poller': () => new Poller(),
  'a reactor': () => {
    const inner = new Reactor();
    inner.register(pipe()[0], READABLE, () => undefined).unref();
    return inner;
  },
  'a timer': () => new Timer(),
  'a waker': () => new Waker(),
  signals: () => new Signals(['SIGUSR2']),
  'a file watch': () => new FileWatch(folder),
  'a socket': () => new Socket(AF_UNIX, SOCK_DGRAM),
  'a stream': () => {
    const [ours, theirs] = descriptors.socketPair(true);
    owned([theirs]);
    return Stream.fromFd(ours);
  },
  'a listener': () => listen({ host: '127.0.0.1', port: 0 }),
};

describe('a handle of ours that is closed', () => {
  test.each(Object.keys(handles))('%s tells every reactor that waits on it', async (name) => {
    using own = new Reactor();
    const handle = await handles[name]();
    const waiting = [reactor.readable(handle), own.readable(handle)];
    await handle.close();
    for (const wait of waiting) await expect(wait).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});
