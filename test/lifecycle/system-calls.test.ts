import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { named, straced, sum, trace, WAITS } from '../support/trace';

// Counts system calls. The drivers differ only in their waits: libuv waits with epoll_pwait, and we collect our
// events with epoll_wait; the driver `thread` parks a thread in poll(2), and its wake-ups come through a queue
// of the runtime, which has an eventfd.

/** musl's epoll_wait makes the system call epoll_pwait, as libuv does: the two cannot be told apart. */
const musl = straced && readFileSync('/proc/self/maps', 'utf8').includes('musl');

describe.skipIf(!straced)('system calls', () => {
  test('the loop `await readable(fd); read` on a busy pipe makes no epoll_ctl', async () => {
    const rounds = 500;
    const { calls } = await trace(async ({ iomux, descriptors, fs }, times: number) => {
      const [reader, writer] = descriptors.pipe();
      fs.writeSync(writer, Buffer.alloc(times + 10));
      const byte = Buffer.alloc(1);
      for (let round = 0; round < times + 10; round++) {
        if (round === 10) fs.existsSync('/begin');
        await iomux.readable(reader);
        fs.readSync(reader, byte);
      }
      fs.existsSync('/end');
    }, rounds);
    expect(calls['epoll_ctl'] ?? 0).toBeLessThan(checks(rounds));
    expect(calls['read']).toBeGreaterThanOrEqual(rounds);
  });

  test('a pipe that is drained in every round costs no epoll_ctl either', async () => {
    const rounds = 500;
    const { calls } = await trace(async ({ iomux, descriptors, fs }, times: number) => {
      const [reader, writer] = descriptors.pipe();
      const byte = Buffer.alloc(1);
      fs.writeSync(writer, byte);
      for (let round = 0; round < times + 10; round++) {
        if (round === 10) fs.existsSync('/begin');
        await iomux.readable(reader);
        fs.readSync(reader, byte);
        setImmediate(() => fs.writeSync(writer, byte));
      }
      fs.existsSync('/end');
    }, rounds);
    expect(calls['epoll_ctl'] ?? 0).toBeLessThan(checks(rounds));
  });

  test('a descriptor that is ready with nobody waiting does not wake the process again', async () => {
    const { calls, lines } = await trace(async ({ iomux, descriptors, fs }) => {
      const [reader, writer] = descriptors.pipe();
      fs.writeSync(writer, 'x');
      await iomux.readable(reader);
      // It may be reported once more, which disarms it; on a busy machine this takes time.
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 20));
      fs.existsSync('/begin');
      for (let i = 0; i < 10; i++) fs.writeSync(writer, 'x');
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.existsSync('/end');
    });
    expect(named(lines, 'epoll_ctl')).toEqual([]);
    // The wait for the timer, and some more; a process that is woken again would be so for ever.
    expect(sum(calls, WAITS)).toBeLessThanOrEqual(4);
  });

  test('a hang-up with nobody waiting does not wake the process again', async () => {
    const { calls, lines } = await trace(async ({ iomux, descriptors, fs }) => {
      const [ours, theirs] = descriptors.socketPair(true);
      const controller = new AbortController();
      const write = iomux.writable(ours);
      const read = iomux.readable(ours, { signal: controller.signal }).catch(() => undefined);
      await write;
      controller.abort();
      await read;
      descriptors.close(theirs);
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 20));
      fs.existsSync('/begin');
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.existsSync('/end');
    });
    expect(named(lines, 'epoll_ctl')).toEqual([]);
    expect(sum(calls, WAITS)).toBeLessThanOrEqual(4);
  });

  test('1,000 armed descriptors cost nothing while nothing happens', async () => {
    const { calls, lines, result } = await trace(async ({ iomux, descriptors, fs }) => {
      const pairs = Array.from({ length: 500 }, () => descriptors.socketPair(true)).flat();
      for (const fd of pairs) iomux.readable(fd).catch(() => undefined);
      const { armed } = iomux.reactor.statistics();
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.existsSync('/begin');
      const before = process.resourceUsage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = process.resourceUsage();
      fs.existsSync('/end');
      iomux.reactor.close();
      const used = after.userCPUTime + after.systemCPUTime;
      return { armed, microseconds: used - before.userCPUTime - before.systemCPUTime };
    });
    expect(result).toMatchObject({ armed: 1000 });
    // In a second: the runtime's own calls, and the timer.
    expect((result as { microseconds: number }).microseconds).toBeLessThan(30_000);
    expect(named(lines, 'epoll_ctl', 'read', 'write', 'recvfrom', 'sendto')).toEqual([]);
    expect(sum(calls, WAITS)).toBeLessThanOrEqual(4);
  });

  test('an expiration of a timer is one read', async () => {
    const times = 200;
    const { calls } = await trace(async ({ iomux, fs }, rounds: number) => {
      const timer = new iomux.Timer({ every: 0.5 });
      for (let round = 0; round < rounds + 10; round++) {
        if (round === 10) fs.existsSync('/begin');
        await timer.wait();
      }
      fs.existsSync('/end');
    }, times);
    // The driver `thread` is woken through a descriptor of the runtime, which is read too.
    const reads = process.env['IOMUX_DRIVER'] === 'uv' ? times : 2 * times;
    expect(calls['read']).toBeGreaterThanOrEqual(times);
    expect(calls['read']).toBeLessThanOrEqual(1.1 * reads);
    expect(calls['epoll_ctl'] ?? 0).toBeLessThan(checks(times));
    expect(calls['timerfd_settime']).toBeUndefined();
  });

  test.skipIf(musl)('an echo of a message is one recv and one send, and a wait', async () => {
    const messages = 300;
    const server = createServer((socket) => void converse(socket, messages + 11)).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { calls, lines } = await trace(
      async ({ net, fs }, given: { port: number; messages: number }) => {
        const stream = await net.connect({ host: '127.0.0.1', port: given.port });
        const buffer = Buffer.alloc(64);
        // It is added to the multiplexer when there is nothing to read for the first time: now.
        const first = stream.read(buffer);
        await stream.write('begin');
        await stream.write(buffer, 0, await first);
        for (let round = 0; round < given.messages + 10; round++) {
          if (round === 10) fs.existsSync('/begin');
          await stream.write(buffer, 0, await stream.read(buffer));
        }
        fs.existsSync('/end');
        stream.destroy();
      },
      { port, messages },
    );
    await new Promise((resolve) => server.close(resolve));
    expect(calls['recvfrom']).toBe(messages);
    expect(calls['sendto']).toBe(messages);
    expect(named(lines, 'epoll_ctl')).toEqual([]);
    const { found, early, empty } = collections(lines);
    expect(found).toBe(messages);
    // Every ninth wake-up looks whether there is more; if so, the next one does too.
    expect(empty).toBeLessThanOrEqual(Math.ceil(messages / 9) + early);
    // libuv adds its own waits, two of them when it measures how long it sleeps. The other driver adds a poll of
    // its thread, and the write and read that wake the loop.
    if (process.env['IOMUX_DRIVER'] === 'uv') {
      expect(sum(calls, WAITS)).toBeLessThanOrEqual(3.3 * messages + 10);
    }
  });

  test('50 streams that are ready at once are served by one wake-up, each with one recv and one send', async () => {
    const given = { streams: 50, wakes: 20 };
    const { calls, lines } = await trace(
      ({ net, descriptors, fs }, { streams, wakes }: typeof given) => {
        const message = Buffer.alloc(64);
        const far: number[] = [];
        let served = 0;
        const serve = (): void => {
          served += 1;
          if (served === 3 * streams) fs.existsSync('/begin');
          if (served === (3 + wakes) * streams) {
            fs.existsSync('/end');
            process.exit();
          }
          if (served % streams > 0) return;
          for (const fd of far) {
            fs.readSync(fd, message);
            fs.writeSync(fd, message);
          }
        };
        const echo = async (near: number): Promise<void> => {
          const stream = net.Stream.fromFd(near);
          // Larger than a message: after a full read, there might be more.
          const into = Buffer.alloc(128);
          for (;;) {
            await stream.write(into, 0, await stream.read(into));
            serve();
          }
        };
        for (let made = 0; made < streams; made++) {
          const [near, other] = descriptors.tcpPair();
          far.push(other);
          fs.writeSync(other, message);
          void echo(near);
        }
      },
      given,
    );
    const messages = given.streams * given.wakes;
    expect(calls).toMatchObject({ recvfrom: messages, sendto: messages });
    expect(named(lines, 'epoll_ctl')).toEqual([]);
    if (process.env['IOMUX_DRIVER'] === 'uv') {
      expect(sum(calls, WAITS)).toBeLessThanOrEqual(3.3 * given.wakes + 10);
    }
  });

  test('a connection is registered once, however it is used, and taken out once', async () => {
    const times = 50;
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { calls } = await trace(
      async ({ net, fs }, given: { port: number; times: number }) => {
        const buffer = Buffer.alloc(64);
        for (let round = 0; round <= given.times; round++) {
          if (round === 1) fs.existsSync('/begin');
          const stream = await net.connect({ host: '127.0.0.1', port: given.port });
          await stream.read(buffer);
          stream.destroy();
        }
        fs.existsSync('/end');
      },
      { port, times },
    );
    await new Promise((resolve) => server.close(resolve));
    // getsockname shows whether it has connected to itself.
    const once = 'socket,setsockopt,connect,getsockopt,getsockname,recvfrom,close';
    for (const name of once.split(',')) expect([name, calls[name]]).toEqual([name, times]);
    expect(calls['epoll_ctl']).toBe(2 * times);
    expect(calls['getpeername']).toBeUndefined();
  });

  test('a stream that is closed while somebody else has its file costs the others nothing', async () => {
    const { calls } = await trace(async ({ iomux, net, descriptors, fs }) => {
      const [ours, theirs] = descriptors.socketPair(true);
      const [reader, writer] = descriptors.pipe();
      for (let i = 0; i < 10; i++) void iomux.readable(descriptors.pipe()[0]);
      const stream = net.Stream.fromFd(ours);
      descriptors.dup(ours);
      fs.existsSync('/begin');
      stream.destroy();
      fs.writeSync(theirs, 'x');
      fs.writeSync(writer, 'x');
      await iomux.readable(reader);
      fs.existsSync('/end');
      iomux.reactor.unref();
    });
    // An event of a registration that is gone would have all of them added again.
    expect(calls['epoll_ctl']).toBeLessThan(10);
  });
});

/** When a busy machine stops the process for 50 ms, the wait is compared with the kernel: one epoll_ctl. */
const checks = (rounds: number): number => rounds / 50;

/**
 * How often events were collected, with and without finding any; `early`: before libuv had waited. An empty one
 * at the very beginning belongs to the previous message.
 */
function collections(lines: readonly string[]): { found: number; early: number; empty: number } {
  const counts = { found: 0, early: 0, empty: 0 };
  let waited = true;
  for (const line of lines) {
    if (/epoll_pwait2?\(/.test(line)) waited = true;
    const count = /epoll_wait(?:\(| resumed>).* = (\d+)$/.exec(line)?.[1];
    if (count === undefined) continue;
    if (count !== '0') {
      counts.found += 1;
      if (!waited) counts.early += 1;
    } else if (counts.found > 0) counts.empty += 1;
    waited = false;
  }
  return counts;
}

/** Sends messages and waits for their echoes; each one only when the other side waits for it. */
async function converse(socket: Socket, messages: number): Promise<void> {
  socket.setNoDelay(true);
  await new Promise((resolve) => socket.once('data', resolve));
  for (let i = 0; i < messages; i++) {
    await sleep(1);
    socket.write('a message');
    await new Promise((resolve) => socket.once('data', resolve));
  }
  socket.end();
  socket.on('error', () => undefined);
}
