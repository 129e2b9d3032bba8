import { describe, expect, test } from 'vitest';
import type { Tools } from '../support/child';
import { straced, sum, trace } from '../support/trace';

// The system calls for moving bytes. The ends that are not measured are read and written by node:fs, whose
// system calls have other names.

interface HandedOn {
  readonly rounds: number;
  readonly length: number;
  readonly over: 'tcp' | 'unix';
}

/** Sends each message when the one before has arrived. */
async function handOn({ net, fs, descriptors }: Tools, o: HandedOn): Promise<void> {
  const pair = () => (o.over === 'tcp' ? descriptors.tcpPair() : descriptors.socketPair(true));
  const [near, source] = pair();
  const [destination, far] = pair();
  const piping = net.Stream.fromFd(source).pipeTo(net.Stream.fromFd(destination));
  const message = Buffer.alloc(o.length);
  for (let round = 0; round < o.rounds + 10; round++) {
    if (round === 10) fs.existsSync('/begin');
    fs.writeSync(near, message);
    for (let left = o.length; left > 0;) {
      try {
        left -= fs.readSync(far, message, 0, left, null);
      } catch {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  fs.existsSync('/end');
  descriptors.close(near);
  await piping;
  descriptors.close(far);
}

describe.skipIf(!straced)('system calls of what moves many bytes', () => {
  test('a message that pipeTo hands on is one recv and one send', async () => {
    const rounds = 300;
    const { calls } = await trace(handOn, { rounds, length: 16_384, over: 'tcp' });
    expect(calls).toMatchObject({ recvfrom: rounds, sendto: rounds });
    expect(sum(calls, 'splice,epoll_ctl')).toBe(0);
  });

  test('many bytes that pipeTo hands on are two splices, and one more finds that they are all', async () => {
    const rounds = 100;
    const { calls } = await trace(handOn, { rounds, length: 131_072, over: 'unix' });
    expect(calls['splice']).toBe(3 * rounds);
    expect(sum(calls, 'recvfrom,sendto,epoll_ctl')).toBe(0);
  });

  test('a header and a body are one call, copied together or not', async () => {
    const rounds = 100;
    const { calls } = await trace(async ({ net, fs, descriptors }, times: number) => {
      const [ours, far] = descriptors.socketPair(true);
      const stream = net.Stream.fromFd(ours);
      const into = Buffer.alloc(65_536);
      const bodies = [Buffer.alloc(1_000), Buffer.alloc(60_000)];
      fs.existsSync('/begin');
      for (let round = 0; round < times; round++) {
        for (const body of bodies) {
          await stream.writev(['a header', body]);
          fs.readSync(far, into);
        }
      }
      fs.existsSync('/end');
      stream.destroy();
      descriptors.close(far);
    }, rounds);
    expect(calls).toMatchObject({ sendto: rounds, sendmsg: rounds });
  });

  test('writes that waited leave together', async () => {
    const writes = 500;
    const { calls } = await trace(async ({ net, fs, descriptors }, count: number) => {
      const [ours, far] = descriptors.socketPair(true);
      const stream = net.Stream.fromFd(ours);
      const filling = Buffer.alloc(65_536);
      let left = 10 * count;
      for (let taken = 0; taken >= 0; taken = stream.tryWrite(filling)) left += taken;
      fs.existsSync('/begin');
      const waiting = Array.from({ length: count }, () => stream.write('ten bytes!'));
      while (left > 0) {
        try {
          left -= fs.readSync(far, filling);
        } catch {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await Promise.all(waiting);
      fs.existsSync('/end');
      stream.destroy();
      descriptors.close(far);
    }, writes);
    expect(sum(calls, 'sendto,sendmsg')).toBe(1);
  });

  test('sendFile asks for what there is, and reads nothing', async () => {
    const { calls, lines, result } = await trace(async ({ net, fs, descriptors }) => {
      const [ours, far] = descriptors.socketPair(true);
      const stream = net.Stream.fromFd(ours);
      const file = fs.openSync(process.execPath, 'r');
      const { size } = fs.fstatSync(file);
      const offset = size - 1_000_000;
      const into = Buffer.alloc(65_536);
      fs.existsSync('/begin');
      const sending = stream.sendFile(file, { offset });
      for (let left = 1_000_000; left > 0;) {
        try {
          left -= fs.readSync(far, into);
        } catch {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      const sent = await sending;
      fs.existsSync('/end');
      stream.destroy();
      descriptors.close(far);
      fs.closeSync(file);
      return { size, sent };
    });
    const { size, sent } = result as { size: number; sent: number };
    expect(sent).toBe(1_000_000);
    expect(sum(calls, 'sendto,sendmsg,splice')).toBe(0);
    // On some systems, a call that sent less than requested although the socket was not full would delay TCP's
    // last segment.
    const asked = lines.flatMap((line) => {
      const found = /sendfile\(\d+<.*?>, \d+<.*?>, \[(\d+)\].*, (\d+)\)/.exec(line);
      return found === null ? [] : [{ from: Number(found[1]), count: Number(found[2]) }];
    });
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked.filter(({ from, count }) => from < size && from + count > size)).toEqual([]);
    expect(asked.filter(({ count }) => count > 262_144)).toEqual([]);
  });
});
