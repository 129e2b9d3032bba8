import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { native } from '../../lib/native';
import { driver, hasLibuv } from '../../lib/raw/driver';
import { ended, inChild } from '../support/child';

// Every script runs in its own process, and uses up all free descriptors but a given number: `left` is what may
// still be opened.

/** A kqueue forgets a descriptor that is closed, whatever duplicates are open. */
const hasGhosts = native.backend === 'epoll';
test('without descriptors everything that needs one says EMFILE, and works again later', async () => {
  const outcome = await inChild(async ({ iomux, epoll, net, descriptors, fs }) => {
    const [reader, writer] = descriptors.pipe();
    fs.writeSync(writer, 'x');
    const poller = new iomux.Poller();
    // The first use of these may make Node open files.
    const attempts: Record<string, () => unknown> = {
      readable: () => iomux.readable(reader),
      register: () => {
        iomux.register(reader, iomux.READABLE, () => undefined).close();
      },
      Epoll: () => {
        new epoll.Epoll().close();
      },
      Poller: () => {
        new iomux.Poller().close();
      },
      notifyHandle: () => poller.notifyHandle,
      connect: () => net.connect({ host: '127.0.0.1', port: 1 }),
      listen: async () => {
        (await net.listen({ host: '127.0.0.1', port: 0 })).close();
      },
    };
    const tryAll = async (): Promise<Record<string, unknown>> => {
      const answers: Record<string, unknown> = {};
      for (const [name, attempt] of Object.entries(attempts)) {
        try {
          await attempt();
          answers[name] = 'works';
        } catch (error) {
          answers[name] = (error as { code?: string }).code;
        }
      }
      return answers;
    };
    const before = descriptors.limitDescriptors(reader);
    const without = await tryAll();
    descriptors.limitDescriptors(before);
    return { without, with: await tryAll() };
  });
  const names = ['readable', 'register', 'Epoll', 'Poller', 'notifyHandle', 'connect', 'listen'];
  const all = (answer: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, answer]));
  expect(outcome).toEqual({
    ...ended,
    result: { without: all('EMFILE'), with: { ...all('works'), connect: 'ECONNREFUSED' } },
  });
});

test('the call that failed for want of a descriptor is named', async () => {
  const outcome = await inChild(async ({ iomux, descriptors }) => {
    const [reader] = descriptors.pipe();
    const pollers = [new iomux.Poller(), new iomux.Poller({ backend: 'poll' })];
    for (const poller of pollers) poller.add(reader, iomux.READABLE);
    descriptors.limitDescriptors(reader);
    const calls: unknown[] = [];
    for (const poller of pollers) {
      await poller
        .ready()
        .catch((error: unknown) => calls.push((error as NodeJS.ErrnoException).syscall));
    }
    return calls;
  });
  // The calls for a duplicate for libuv, and for waking a thread.
  const waking = native.backend === 'epoll' ? 'eventfd' : 'pipe';
  const first = driver === 'thread' ? waking : 'fcntl';
  expect(outcome).toEqual({ ...ended, result: [first, waking] });
});

test('a stream whose first wait finds no descriptor for the multiplexer rejects, and goes on later', async () => {
  const outcome = await inChild(async ({ iomux, net, descriptors, fs }) => {
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const peer = (require('node:net') as typeof import('node:net')).connect(port, '127.0.0.1');
    await new Promise((resolve) => peer.once('connect', resolve));
    // The connection is there already, so that nothing has had to wait yet.
    const stream = await listener.accept();
    const usedBefore = iomux.reactor.fd !== -1;
    const lowest = fs.openSync('/dev/null', 'r');
    fs.closeSync(lowest);
    const before = descriptors.limitDescriptors(lowest);
    const failed = stream
      .read(Buffer.alloc(1))
      .catch((error: unknown) => (error as { code?: string }).code);
    const code = await failed;
    descriptors.limitDescriptors(before);
    const reading = stream.read(Buffer.alloc(1));
    peer.write('x');
    const count = await reading;
    peer.destroy();
    return { usedBefore, code, count };
  });
  expect(outcome).toEqual({ ...ended, result: { usedBefore: false, code: 'EMFILE', count: 1 } });
});

// On Linux it is known which call creates a thread, and in Node that nothing else does meanwhile.
test.runIf(driver === 'thread' && hasLibuv && process.platform === 'linux')(
  'a wait that finds no thread for it leaves no descriptor',
  async () => {
    const outcome = await inChild(
      async ({ epoll, descriptors, openDescriptors }, errno) => {
        const instances = Array.from({ length: 10 }, () => new epoll.Epoll());
        for (const call of ['clone', 'clone3']) descriptors.refuse(call, errno);
        const before = openDescriptors();
        const failures = new Set<string>();
        for (const instance of instances) {
          await instance.ready().catch((error: unknown) => failures.add(String(error)));
        }
        return { failures: [...failures], left: openDescriptors() - before };
      },
      { argument: constants.errno.EAGAIN },
    );
    const failures = ['Error: EAGAIN: resource temporarily unavailable, pthread_create'];
    expect(outcome).toEqual({ ...ended, result: { failures, left: 0 } });
  },
);

test('a poller whose first wait finds no descriptor rejects, and goes on later', async () => {
  const outcome = await inChild(async ({ iomux, descriptors, fs }) => {
    const poller = new iomux.Poller();
    const [reader, writer] = descriptors.pipe();
    poller.add(reader, iomux.READABLE);
    const before = descriptors.limitDescriptors(reader);
    const code = await poller.ready().catch((error: unknown) => (error as { code?: string }).code);
    descriptors.limitDescriptors(before);
    const ready = poller.ready();
    fs.writeSync(writer, 'x');
    return { code, count: (await ready).length };
  });
  expect(outcome).toEqual({ ...ended, result: { code: 'EMFILE', count: 1 } });
});

test('a listener without descriptors pauses, warns once, and accepts again', async () => {
  const outcome = await inChild(async ({ net, descriptors, fs }) => {
    const warnings: { code: string | undefined; message: string }[] = [];
    process.removeAllListeners('warning');
    process.on('warning', (warning: Error & { code?: string }) => {
      warnings.push({ code: warning.code, message: warning.message });
    });
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const first = listener.accept();
    const clients = [await net.connect({ port }), await net.connect({ port })];
    const streams = [await first];
    const lowest = fs.openSync('/dev/null', 'r');
    fs.closeSync(lowest);
    const before = descriptors.limitDescriptors(lowest);
    // Two calls find nothing, twice: one warning.
    const accepting = [listener.accept(), listener.accept()];
    await new Promise((resolve) => process.once('warning', resolve));
    await new Promise((resolve) => setTimeout(resolve, 250));
    const warned = warnings.length;
    descriptors.limitDescriptors(before);
    streams.push(await accepting[0]);
    clients.push(await net.connect({ port }));
    streams.push(await accepting[1]);
    // It has recovered, so the next failure is warned about again.
    descriptors.limitDescriptors(fs.openSync('/dev/null', 'r'));
    const third = listener.accept();
    third.catch(() => undefined);
    await new Promise((resolve) => process.once('warning', resolve));
    const controller = new AbortController();
    const aborted = listener.accept({ signal: controller.signal });
    controller.abort(new Error('enough'));
    const answers = [await aborted.catch((error: unknown) => (error as Error).message)];
    listener.close();
    answers.push(await third.then(String, (error: unknown) => (error as { code: string }).code));
    for (const stream of [...clients, ...streams]) stream.destroy();
    return { warned, warnings, answers, accepted: streams.length };
  });
  const warning = { code: 'EMFILE', message: 'EMFILE: too many open files, accept' };
  expect(outcome).toEqual({
    ...ended,
    result: {
      warned: 1,
      warnings: [warning, warning],
      answers: ['enough', 'ERR_CLOSED'],
      accepted: 3,
    },
  });
});

test('an accept that pauses knows that its signal was aborted before', async () => {
  const outcome = await inChild(async ({ iomux, net, descriptors, fs }) => {
    process.removeAllListeners('warning');
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const controller = new AbortController();
    // Settled by the same event, and before the other one.
    const told = iomux.readable(listener).then(() => {
      controller.abort(new Error('enough'));
      const lowest = fs.openSync('/dev/null', 'r');
      fs.closeSync(lowest);
      descriptors.limitDescriptors(lowest);
    });
    const accepting = listener.accept({ signal: controller.signal });
    const socket = (require('node:net') as typeof import('node:net')).connect(port, '127.0.0.1');
    await told;
    const answer = await accepting.then(String, (error: unknown) => (error as Error).message);
    socket.destroy();
    listener.close();
    return answer;
  });
  expect(outcome).toEqual({ ...ended, result: 'enough' });
});

test.runIf(hasGhosts)(
  'a poller tells what is ready while there is no descriptor to get rid of a phantom with',
  async () => {
    const outcome = await inChild(({ iomux, descriptors, fs }) => {
      const { Poller, READABLE } = iomux;
      const poller = new Poller();
      const [ghost, toGhost] = descriptors.pipe();
      const [reader, writer] = descriptors.pipe();
      descriptors.dup(ghost);
      poller.add(ghost, READABLE);
      poller.add(reader, READABLE, { mode: 'oneshot' });
      descriptors.close(ghost);
      poller.delete(ghost);
      const before = descriptors.limitDescriptors(ghost);
      fs.writeSync(toGhost, 'x');
      fs.writeSync(writer, 'x');
      const found = [poller.wait({ timeout: 0 }).map(({ source }) => source === reader)];
      let problem: unknown;
      try {
        poller.wait({ timeout: 0 });
      } catch (error) {
        const { code, syscall } = error as NodeJS.ErrnoException;
        problem = [code, syscall];
      }
      descriptors.limitDescriptors(before);
      return [...found, problem, poller.wait({ timeout: 0 })];
    });
    expect(outcome).toEqual({ ...ended, result: [[true], ['EMFILE', 'epoll_create1'], []] });
  },
);

test.runIf(hasGhosts)(
  'a phantom does no harm while there is no descriptor to get rid of it with',
  async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs }) => {
      const { reactor } = iomux;
      const [ghost, toGhost] = descriptors.pipe();
      const [reader, writer] = descriptors.pipe();
      descriptors.dup(ghost);
      const phantom = iomux.readable(ghost);
      descriptors.close(ghost);
      const before = descriptors.limitDescriptors(ghost);
      fs.writeSync(toGhost, 'x');
      await phantom;
      // Everything else is reported, however often the ghost comes back.
      for (let round = 0; round < 20; round++) {
        setImmediate(() => fs.writeSync(writer, 'x'));
        await iomux.readable(reader);
        fs.readSync(reader, Buffer.alloc(1));
      }
      descriptors.limitDescriptors(before);
      // On a busy machine it may seem not to sleep, but not every time.
      let sleeps = false;
      for (let window = 0; window < 10 && !sleeps; window++) {
        const start = performance.eventLoopUtilization();
        await new Promise((resolve) => setTimeout(resolve, 100));
        sleeps = performance.eventLoopUtilization(start).utilization < 0.5;
      }
      return { sleeps, waiting: reactor.statistics().waiting };
    });
    expect(outcome).toEqual({ ...ended, result: { sleeps: true, waiting: 0 } });
  },
);
