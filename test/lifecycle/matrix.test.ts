import { describe, expect, test } from 'vitest';
import { inChild, type Script, type Tools } from '../support/child';

// Every way in which a program may end, in every state of a wait: with the right exit code, and never by a
// signal.
const STATES = ['idle', 'armed', 'waiting', 'aborted', 'closed'] as const;
const ENDS = [
  'by itself',
  'with process.exit',
  'with an uncaught exception',
  'after a Worker was terminated',
  'after everything was collected',
] as const;
interface Case {
  readonly state: (typeof STATES)[number];
  readonly end: (typeof ENDS)[number];
}

const script: Script<Case> = async (given, { state, end }) => {
  /** Brings one of everything that can be waited for into the state. Returns descriptors only. */
  const prepare = async (tools: Tools, wanted: string): Promise<number[]> => {
    const { iomux, epoll, net, descriptors, fs } = tools;
    // A Worker stays alive until it is terminated, whatever it waits for.
    if (!tools.threads.isMainThread) setInterval(() => undefined, 1000);
    const [ours, theirs] = descriptors.socketPair(true);
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const [client, server] = await Promise.all([
      net.connect({ host: '127.0.0.1', port }),
      listener.accept(),
    ]);
    const instance = new epoll.Epoll();
    instance.add(ours, epoll.EPOLLIN);
    const pollers = [new iomux.Poller(), new iomux.Poller({ backend: 'poll' })];
    for (const poller of pollers) poller.add(ours, iomux.READABLE);
    const other = new iomux.Reactor();
    const numbers = [theirs, client.fd, server.fd, port];
    if (wanted === 'idle') return numbers;

    const controller = new AbortController();
    const { signal } = controller;
    const waits: Promise<unknown>[] = [
      iomux.readable(ours, { signal }),
      iomux.ready(ours, iomux.READABLE, { signal }),
      iomux.watch(ours, iomux.READABLE, { signal, mode: 'edge' }).next(),
      other.readable(ours, { signal }),
      instance.ready({ signal }),
      ...pollers.map((poller) => poller.ready({ signal })),
      listener.accept({ signal }),
    ].map((promise: Promise<unknown>) => promise.catch(() => undefined));
    const reads = [client, server].map((stream) => stream.read(Buffer.alloc(1)).catch(() => 0));
    const registration = iomux.register(theirs, iomux.READABLE, () => {
      registration.close();
    });
    if (wanted === 'waiting') {
      setImmediate(() => fs.writeSync(ours, 'x'));
      return numbers;
    }
    if (wanted === 'aborted') {
      controller.abort();
      for (const stream of [client, server]) stream.destroy();
      registration.close();
    } else if (wanted === 'closed') {
      for (const stream of [client, server]) await stream.close();
      for (const handle of [listener, instance, other, registration, ...pollers]) handle.close();
      iomux.notifyClosing(ours);
    } else {
      // Everything has happened once, and is armed for more.
      fs.writeSync(theirs, 'x');
      await client.write('x');
      await server.write('x');
      await net.connect({ host: '127.0.0.1', port });
      registration.close();
    }
    await Promise.all([...waits, ...reads]);
    return numbers;
  };

  /** Settles the waits of `waiting`. */
  const release = async ([theirs, client, server, port]: number[]): Promise<void> => {
    given.fs.writeSync(theirs, 'x');
    given.fs.writeSync(client, 'x');
    given.fs.writeSync(server, 'x');
    await given.net.connect({ host: '127.0.0.1', port });
  };

  if (end === 'after a Worker was terminated') {
    // The first Worker leaves descriptors of Node open.
    await new Promise((resolve) => given.startWorker(() => undefined).once('exit', resolve));
    const before = given.openDescriptors();
    const worker = given.startWorker(prepare, state);
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    return given.openDescriptors() - before;
  }
  const numbers = await prepare(given, state);
  if (end === 'after everything was collected') await given.collect();
  if (end === 'with process.exit') process.exit();
  if (end === 'with an uncaught exception') {
    setImmediate(() => {
      throw new Error('on purpose');
    });
  } else if (state === 'waiting') {
    await release(numbers);
  }
  return 0;
};

describe.each(STATES)('a program in which everything is %s', (state) => {
  test.each(ENDS)('ends well %s', async (end) => {
    const { stderr, ...outcome } = await inChild(script, {
      argument: { state, end },
      flags: ['--expose-gc'],
    });
    const uncaught = end === 'with an uncaught exception';
    expect(outcome).toMatchObject({ code: uncaught ? 1 : 0, signal: null, late: false });
    if (uncaught) expect(stderr).toMatch(/error: on purpose/i);
    else expect(stderr).toBe('');
    // The test's own pair in the Worker has no owner that could close it.
    const left = end === 'after a Worker was terminated' ? 2 : 0;
    if (end !== 'with process.exit') expect(outcome.result).toBe(left);
  });
});
