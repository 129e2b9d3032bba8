import { describe, expect, test } from 'vitest';
import { ended, inChild, type Script } from '../support/child';

const KINDS = [
  'readable',
  'ready',
  'watch level',
  'watch edge',
  'register',
  'another reactor',
  'a registration of another reactor',
  'Stream.read, by its reactor',
  'Epoll.ready',
  'Poller.ready',
  'Poller.ready over poll',
  'Poller.ready over select',
  'Stream.read',
  'Stream.write',
  'Listener.accept',
  'Timer.wait',
  'Waker.wait',
  'Signals.receive',
  'FileWatch.receive',
  'processExit',
] as const;
type Kind = (typeof KINDS)[number];
/** Waits that can be unreferenced. */
const WITH_UNREF: readonly Kind[] = [
  'register',
  'another reactor',
  'a registration of another reactor',
  'Epoll.ready',
  'Poller.ready',
  'Poller.ready over poll',
  'Stream.read',
  'Stream.read, by its reactor',
  'Stream.write',
  'Timer.wait',
  'Waker.wait',
  'Signals.receive',
  'FileWatch.receive',
];

interface Case {
  readonly kinds: readonly Kind[];
  readonly how: 'referenced' | 'unreferenced' | 'referenced again';
}

/** Waits for events, one after the other, that only come if the process stays alive. */
const script: Script<Case> = async (tools, { kinds, how }) => {
  const { iomux, epoll, net, descriptors, fs, later } = tools;
  interface Handle {
    ref(): unknown;
    unref(): unknown;
  }
  let ours: number, theirs: number;
  const { READABLE } = iomux;
  // What nothing keeps alive ends with the turn, before this.
  const delay = how === 'unreferenced' ? later : 20;
  const afterwards = (makeReady: () => void): void => {
    setTimeout(makeReady, delay).unref();
  };
  const treat = (handle: Handle): void => {
    if (how === 'referenced') return;
    // A second call has no effect.
    handle.unref();
    handle.unref();
    if (how === 'unreferenced') return;
    handle.ref();
    handle.ref();
  };
  /** Before it waits or, so that who waits is counted anew, meanwhile. */
  const receive = (source: Handle & { receive(): Promise<unknown> }): Promise<unknown> => {
    if (how === 'unreferenced') treat(source);
    const receiving = source.receive();
    if (how === 'referenced again') treat(source);
    return receiving;
  };
  const withPair = (): void => {
    afterwards(() => fs.writeSync(theirs, 'x'));
  };
  const spawnSleeper = () => {
    const { spawn } = require('node:child_process') as typeof import('node:child_process');
    // This does not keep the process alive by itself.
    const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
    sleeper.unref();
    return sleeper;
  };
  const poller = async (backend: 'auto' | 'poll' | 'select'): Promise<unknown> => {
    const one = new iomux.Poller({ backend });
    treat(one);
    one.add(ours, READABLE);
    withPair();
    return one.ready();
  };
  const connected = async () => {
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const accepted = listener.accept();
    return { listener, port, client: await net.connect({ port }), server: await accepted };
  };
  const waits: Record<Kind, () => Promise<unknown>> = {
    readable: () => {
      withPair();
      return iomux.readable(ours);
    },
    ready: () => {
      withPair();
      return iomux.ready(ours, READABLE);
    },
    'watch level': () => {
      withPair();
      return iomux.watch(ours, READABLE).next();
    },
    'watch edge': () => {
      withPair();
      return iomux.watch(ours, READABLE, { mode: 'edge' }).next();
    },
    register: () =>
      new Promise((resolve) => {
        const registration = iomux.register(ours, READABLE, () => {
          registration.close();
          resolve(undefined);
        });
        treat(registration);
        withPair();
      }),
    'another reactor': () => {
      const reactor = new iomux.Reactor();
      // Before it has a multiplexer.
      treat(reactor);
      withPair();
      return reactor.readable(ours);
    },
    'a registration of another reactor': () =>
      new Promise((resolve) => {
        const reactor = new iomux.Reactor();
        const registration = reactor.register(ours, READABLE, () => {
          registration.close();
          resolve(undefined);
        });
        treat(reactor);
        // Neither of the two undoes the other.
        registration.unref();
        registration.ref();
        withPair();
      }),
    'Epoll.ready': () => {
      const instance = new epoll.Epoll();
      treat(instance);
      instance.add(ours, epoll.EPOLLIN);
      withPair();
      return instance.ready();
    },
    'Poller.ready': () => poller('auto'),
    'Poller.ready over poll': () => poller('poll'),
    'Poller.ready over select': () => poller('select'),
    'Stream.read': async () => {
      const { client, server } = await connected();
      const reading = client.read(Buffer.alloc(1));
      treat(client);
      afterwards(() => server.tryWrite('x'));
      return reading;
    },
    'Stream.read, by its reactor': async () => {
      const { client, server } = await connected();
      treat(iomux.reactor);
      const reading = client.read(Buffer.alloc(1));
      afterwards(() => server.tryWrite('x'));
      return reading;
    },
    'Stream.write': async () => {
      const { client, server } = await connected();
      const chunk = Buffer.alloc(1 << 20);
      while (client.tryWrite(chunk) >= 0);
      const writing = client.write('x');
      treat(client);
      afterwards(() => {
        server.destroy();
      });
      return writing.catch(() => undefined);
    },
    'Listener.accept': async () => {
      const { listener, port } = await connected();
      const accepting = listener.accept();
      afterwards(() => void net.connect({ port }));
      return accepting;
    },
    'Timer.wait': () => {
      const timer = new iomux.Timer();
      treat(timer);
      afterwards(() => void timer.set({ after: 0 }));
      return timer.wait();
    },
    'Waker.wait': () => {
      const waker = new iomux.Waker();
      treat(waker);
      afterwards(() => void waker.wake());
      return waker.wait();
    },
    'Signals.receive': () => {
      const signals = new iomux.Signals(['SIGUSR2']);
      afterwards(() => process.kill(process.pid, 'SIGUSR2'));
      return receive(signals);
    },
    'FileWatch.receive': () => {
      const folder = fs.mkdtempSync('/tmp/iomux-watch-');
      process.once('exit', () => {
        fs.rmSync(folder, { recursive: true });
      });
      const watch = new iomux.FileWatch(folder);
      afterwards(() => {
        fs.mkdirSync(`${folder}/new`);
      });
      return receive(watch);
    },
    processExit: () => {
      const sleeper = spawnSleeper();
      afterwards(() => void sleeper.kill());
      return iomux.processExit(sleeper.pid ?? 0);
    },
  };
  const told: Kind[] = [];
  process.once('exit', () => fs.writeSync(1, JSON.stringify(told)));
  for (const kind of kinds) {
    [ours, theirs] = descriptors.socketPair(true);
    await waits[kind]();
    told.push(kind);
  }
};

describe('a program that waits', () => {
  // What does not keep it alive is the first that is missing, with all that come after.
  test('stays alive until it is told, and then ends', async () => {
    const outcome = await inChild(script, { argument: { kinds: KINDS, how: 'referenced' } });
    expect(outcome).toEqual({ ...ended, result: KINDS });
  });

  test('stays alive when what was unreferenced is referenced again', async () => {
    const argument = { kinds: WITH_UNREF, how: 'referenced again' } as const;
    expect(await inChild(script, { argument })).toEqual({ ...ended, result: WITH_UNREF });
  });
});

describe.each(WITH_UNREF)('a program that waits in %s', (kind) => {
  test('ends at once when that was unreferenced', async () => {
    const outcome = await inChild(script, { argument: { kinds: [kind], how: 'unreferenced' } });
    expect(outcome).toEqual({ ...ended, result: [] });
  });
});

// During a wake-up, at the end of which the native side looks whether there are waits.
test.each([false, true])(
  'a continuation that unreferences the reactor, and again references it: %s',
  async (again) => {
    const outcome = await inChild(
      async ({ iomux, descriptors, fs, later }, referenced: boolean) => {
        const { reactor } = iomux;
        const [reader, writer] = descriptors.pipe();
        const never = iomux.readable(descriptors.pipe()[0]);
        fs.writeSync(writer, 'x');
        await iomux.readable(reader);
        reactor.unref();
        if (referenced) reactor.ref();
        setTimeout(() => {
          fs.writeSync(1, JSON.stringify('alive'));
          reactor.unref();
        }, later).unref();
        await never;
      },
      { argument: again },
    );
    expect(outcome).toEqual({ ...ended, result: again ? 'alive' : undefined });
  },
);

test('a program with sources that are idle, that nobody waits for or that are closed ends', async () => {
  const outcome = await inChild(
    async ({ iomux }, folder: string) => {
      const busy = new iomux.Timer({ every: 1 });
      await busy.wait();
      const make = {
        timer: () => new iomux.Timer({ every: 3_600_000 }),
        waker: () => new iomux.Waker(),
        signals: () => new iomux.Signals(['SIGUSR2']),
        watch: () => new iomux.FileWatch(folder),
      };
      const ends = Object.values(make).map(async (open) => {
        const controller = new AbortController();
        const [idle, late, closed] = [open(), open(), open()];
        const wait = (source: typeof idle, o?: { signal: AbortSignal }) =>
          'wait' in source ? source.wait(o) : source.receive(o);
        const aborted = wait(late, controller).catch(() => 'aborted');
        const rejected = wait(closed).catch(() => 'closed');
        closed.close();
        controller.abort();
        return [idle.fd >= 0, await aborted, await rejected];
      });
      return [busy.fd >= 0, ...(await Promise.all(ends))];
    },
    { argument: __dirname },
  );
  const result = [true, ...Array.from({ length: 4 }, () => [true, 'aborted', 'closed'])];
  expect(outcome).toEqual({ ...ended, result });
});

test('a program that only loads the packages opens no descriptor, and ends', async () => {
  const outcome = await inChild(({ iomux, epoll, net, openDescriptors }) => {
    // The first one loads the addon.
    const before = openDescriptors();
    void [iomux.reactor, epoll.Epoll, net.Stream];
    return openDescriptors() - before;
  });
  expect(outcome).toEqual({ ...ended, result: 0 });
});
