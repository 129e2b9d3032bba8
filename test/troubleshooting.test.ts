import { openSync, readSync } from 'node:fs';
import load from 'node-gyp-build';
import { describe, expect, test } from 'vitest';
import { Epoll, EPOLLEXCLUSIVE, EPOLLIN } from '../lib/epoll';
import * as iomux from '../lib/index';
import { READABLE } from '../lib/index';
import { Kqueue } from '../lib/kqueue';
import { connect, Datagram, listen, Stream } from '../lib/net';
import { select } from '../lib/select';
import { AF_INET, SOCK_STREAM, Socket } from '../lib/socket';
import { freePort } from './io/loopback';
import { pair } from './io/peers';
import { temporary, tracked } from './support/opened';
import { fill } from './io/pressure';
import { inChild } from './support/child';
import { descriptors, owned, socketPair } from './support/descriptors';
import { linesOf } from './support/documents';

const NO_FD = 10_000;
/** The maximum of Linux: there is no such process. */
const NO_PID = 2 ** 22;

function opened(path: string): number {
  return owned([openSync(path, 'r')])[0];
}

function poller(): iomux.Poller {
  return tracked(new iomux.Poller());
}

async function datagramSocket(): Promise<Datagram> {
  return tracked(await Datagram.bind({ host: '127.0.0.1', port: 0 }));
}

/** What is loaded in a process of its own says, or its warning. */
async function messageOf(outcome: ReturnType<typeof inChild>): Promise<never> {
  throw new Error(String((await outcome).result));
}

/** For each heading of the document that is a message, a program that fails with it. */
const causes: Readonly<Record<string, () => unknown>> = {
  'EBADF: bad file descriptor, epoll_ctl': () => iomux.readable(NO_FD),
  'EPERM: operation not permitted, epoll_ctl': () => iomux.readable(opened(__filename)),
  'EEXIST: file already exists, epoll_ctl': () => {
    const [fd] = socketPair();
    const one = poller();
    one.add(fd, READABLE);
    one.add(fd, READABLE);
  },
  'ENOENT: no such file or directory, epoll_ctl': () => {
    poller().modify(socketPair()[0], READABLE);
  },
  'EINVAL: invalid argument, epoll_ctl': () => {
    const [fd] = socketPair();
    const epoll = tracked(new Epoll());
    epoll.add(fd, EPOLLIN | EPOLLEXCLUSIVE);
    epoll.modify(fd, EPOLLIN);
  },
  'The source is closed': async () => {
    const [fd] = socketPair();
    const waiting = iomux.readable(fd);
    iomux.notifyClosing(fd);
    await waiting;
  },
  'Descriptor … is registered in another mode': () => {
    const [fd] = socketPair();
    tracked(iomux.register(fd, READABLE, () => undefined));
    iomux.register(fd, READABLE, () => undefined, { mode: 'edge' });
  },
  "The property 'options.mode' must be one of: 'level', 'oneshot'. Received 'edge'": () => {
    const one = tracked(new iomux.Poller({ backend: 'poll' }));
    one.add(socketPair()[0], READABLE, { mode: 'edge' });
  },
  'The value of "fd" is out of range. It must be < 1024 (FD_SETSIZE). Received …': () =>
    select([NO_FD], [], []),
  'kqueue is not available on linux': () => new Kqueue(),

  'Another read is under way': async () => {
    const { ours } = await pair();
    void ours.readSome().catch(() => undefined);
    await ours.readSome();
  },
  'Another write is under way': async () => {
    const { ours } = await pair();
    fill(ours);
    void ours.write('x').catch(() => undefined);
    ours.tryWrite('x');
  },
  'Descriptor … belongs to another handle': async () => Stream.fromFd((await pair()).ours.fd),
  "The argument 'fd' must be a stream, and not a socket of messages. Received …": () =>
    Stream.fromFd(socketPair(false)[0]),
  "The argument 'fd' must be a stream, and not a multiplexer. Received …": () =>
    Stream.fromFd(owned([descriptors.dup(tracked(new Epoll()).fd)])[0]),
  'No end of the line after … bytes': async () => {
    const { ours, theirs } = await pair();
    await theirs.write('too long');
    await ours.readLine({ limit: 3 });
  },
  'The stream ended after … bytes, before the … bytes': async () => {
    const { ours, theirs } = await pair();
    await theirs.write('xyz');
    await theirs.close();
    await ours.readExactly(10);
  },
  'EPIPE: broken pipe, send': async () => {
    const { ours } = await pair();
    await ours.shutdown();
    await ours.write('x');
  },
  'EAGAIN: resource temporarily unavailable, read': () =>
    readSync(socketPair()[0], Buffer.alloc(1)),

  'EADDRINUSE: address already in use, bind …': () => listen({ path: __filename }),
  'ECONNREFUSED: connection refused, connect …': async () =>
    connect({ host: '127.0.0.1', port: await freePort() }),
  'ENOENT: no such file or directory, connect …': () => connect({ path: temporary('none') }),
  "The property 'options.path' must be at most 107 bytes long. Received …": () =>
    connect({ path: `/tmp/${'x'.repeat(107)}` }),
  'ENOTCONN: socket is not connected, getpeername': () => {
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    return connect({ fd: owned([socket.detach()])[0] });
  },
  'EINVAL: invalid argument, accept': () => {
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    socket.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    return listen({ fd: owned([socket.detach()])[0] });
  },
  'EMFILE: too many open files, accept': () =>
    messageOf(
      inChild(async ({ net, descriptors, fs }) => {
        process.removeAllListeners('warning');
        const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
        const listener = await net.listen({ host: '127.0.0.1', port: 0 });
        const client = await net.connect({ port: listener.address.port });
        const lowest = fs.openSync('/dev/null', 'r');
        fs.closeSync(lowest);
        descriptors.limitDescriptors(lowest);
        void listener.accept().catch(() => undefined);
        const { message } = await warned;
        listener.close();
        client.destroy();
        return message;
      }),
    ),

  'ENOBUFS: no buffer space available, sendto …': async () => {
    const path = temporary('full');
    tracked(await Datagram.bind({ path }));
    const ours = tracked(await Datagram.bind({ path: '' }));
    for (;;) await ours.send('x', { path });
  },
  'EMSGSIZE: message too long, sendto …': async () =>
    (await datagramSocket()).send(Buffer.alloc(65_508), { address: '127.0.0.1', port: 9 }),

  'ESRCH: no such process, pidfd_open': () => iomux.processExit(NO_PID),
  "The argument 'signals' must not contain SIGKILL, which cannot be handled. Received 'SIGKILL'":
    () => new iomux.Signals(['SIGKILL']),
  'ENOENT: no such file or directory, inotify_add_watch …': () =>
    new iomux.FileWatch(temporary('none')),

  'No native build was found for …': () => load(temporary('none')),
  "The property 'process.env.IOMUX_DRIVER' must be 'uv' or 'thread'. Received …": () =>
    messageOf(
      inChild(
        (tools) => {
          try {
            return tools.iomux;
          } catch (error) {
            return (error as Error).message;
          }
        },
        { env: { IOMUX_DRIVER: 'windows' } },
      ),
    ),
};

const messages = linesOf('docs/troubleshooting.md').flatMap((line) => {
  const [, message] = (/^### `(.*)`$/.exec(line) ?? []) as (string | undefined)[];
  return message === undefined ? [] : [message];
});

/** With anything, on several lines too, in the place of `…`. */
function patternOf(message: string): RegExp {
  const literal = message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('…', '.+')}$`, 's');
}

describe.runIf(process.platform === 'linux')('the messages of docs/troubleshooting.md', () => {
  test('have each a program that causes it', () => {
    expect(messages).toEqual(Object.keys(causes));
  });

  test.each(messages)('%s', async (message) => {
    const said = await Promise.resolve()
      .then(causes[message])
      .then(
        () => 'nothing',
        (error: unknown) => (error as Error).message,
      );
    expect(said).toMatch(patternOf(message));
  });
});
