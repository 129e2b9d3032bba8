import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  AF_UNIX,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SO_PASSCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  SOL_SOCKET,
} from '../../lib/socket';
import { inChild } from '../support/child';
import { descriptors as support, openDescriptors, owned, pipe } from '../support/descriptors';
import { temporary, tracked } from '../support/opened';

let folder: string;
beforeEach(() => {
  folder = temporary();
});

function pairOf(type = SOCK_STREAM): [Socket, Socket] {
  const [ours, theirs] = Socket.pair(AF_UNIX, type);
  return [tracked(ours), tracked(theirs)];
}

const buffer = Buffer.alloc(64);

describe.each([
  ['stream', SOCK_STREAM],
  ['datagrams', SOCK_DGRAM],
  ...(process.platform === 'darwin' ? [] : [['sequenced packets', SOCK_SEQPACKET] as const]),
] as const)('over a Unix socket of type %s', (_, type) => {
  test('descriptors arrive as duplicates of their own, close-on-exec', async () => {
    const [ours, theirs] = pairOf(type);
    const [reader, writer] = pipe();
    await ours.sendMessage('both ends', { descriptors: [reader, { fd: writer }] });
    const message = await theirs.receiveMessage(buffer, { maxDescriptors: 5 });
    expect(message).toMatchObject({ length: 9, truncated: false, controlTruncated: false });
    expect(message.control).toEqual([]);
    const received = owned([...message.descriptors]);
    expect(received).toHaveLength(2);
    expect(received).not.toContain(reader);
    for (const fd of received) expect(support.flags(fd).closeOnExec).toBe(true);
    writeSync(received[1], 'through');
    expect(buffer.toString('utf8', 0, readSync(reader, buffer))).toBe('through');
    // The same ones however often one looks.
    expect(message.descriptors).toEqual(received);
  });

  test('as many as 253 arrive at once', async () => {
    const [ours, theirs] = pairOf(type);
    const [reader] = pipe();
    await ours.sendMessage('x', { descriptors: Array.from({ length: 253 }, () => reader) });
    const { descriptors } = await theirs.receiveMessage(buffer, { maxDescriptors: 253 });
    expect(new Set(owned([...descriptors])).size).toBe(253);
  });

  test('those that nobody asked for are closed', async () => {
    const [ours, theirs] = pairOf(type);
    const [reader, writer] = pipe();
    const before = openDescriptors().length;
    const send = (): Promise<void> =>
      ours.sendMessage('x', { descriptors: [reader, writer, reader] });
    await send();
    expect(await theirs.receive(buffer)).toBe(1);
    await send();
    expect(await theirs.receiveFrom(buffer)).toMatchObject({ length: 1, descriptors: [] });
    await send();
    const none = await theirs.receiveMessage(buffer);
    expect(none).toMatchObject({ length: 1, controlTruncated: true, descriptors: [] });
    expect(openDescriptors()).toHaveLength(before);
    await send();
    const some = await theirs.receiveMessage(buffer, { maxDescriptors: 2 });
    expect(some.controlTruncated).toBe(true);
    expect(owned([...some.descriptors])).toHaveLength(2);
    expect(openDescriptors()).toHaveLength(before + 2);
  });

  test('those in a queue that is closed are closed', async () => {
    const [ours, theirs] = pairOf(type);
    const [reader, writer] = support.pipe();
    await ours.sendMessage('x', { descriptors: [writer] });
    closeSync(writer);
    theirs.close();
    // The kernel has let go of the last writer: the pipe ends.
    expect(readSync(reader, buffer)).toBe(0);
    closeSync(reader);
  });
});

test('what cannot be opened for lack of descriptors is dropped, and said', async () => {
  const [ours, theirs] = pairOf();
  const [reader] = pipe();
  await ours.sendMessage('x', { descriptors: [reader, reader] });
  const before = support.limitDescriptors(1);
  const receiving = theirs.receiveMessage(buffer, { maxDescriptors: 2 });
  support.limitDescriptors(before);
  if (process.platform === 'linux') {
    const dropped = { length: 1, controlTruncated: true, descriptors: [] };
    expect(await receiving).toMatchObject(dropped);
  } else {
    await expect(receiving).rejects.toMatchObject({ code: 'EMSGSIZE', syscall: 'recvmsg' });
  }
});

test('descriptors go with the first bytes of many', async () => {
  const [ours, theirs] = pairOf();
  const [reader] = pipe();
  const bytes = Buffer.alloc(1_000_000, 'x');
  const sending = ours.sendMessage(bytes, { descriptors: [reader] });
  const room = Buffer.alloc(bytes.length);
  let given = 0;
  for (let offset = 0; offset < bytes.length;) {
    const message = await theirs.receiveMessage(room.subarray(offset), { maxDescriptors: 9 });
    given += owned([...message.descriptors]).length;
    offset += message.length;
  }
  await sending;
  expect(given).toBe(1);
  expect(room.equals(bytes)).toBe(true);
});

test('one that is closed is EBADF, and nothing is sent', async () => {
  const [ours, theirs] = pairOf(SOCK_DGRAM);
  const [reader, writer] = pipe();
  const sending = ours.sendMessage('x', { descriptors: [reader, 1_000_000] });
  await expect(sending).rejects.toMatchObject({ code: 'EBADF', syscall: 'sendmsg' });
  await ours.sendMessage('next', { descriptors: [writer] });
  expect(await theirs.receive(buffer)).toBe(4);
});

test('they are what SCM_RIGHTS is by itself', async () => {
  const [ours, theirs] = pairOf();
  const [reader] = pipe();
  const data = new Uint8Array(new Int32Array([reader, reader]).buffer);
  await ours.sendMessage('x', { control: [{ level: SOL_SOCKET, type: SCM_RIGHTS, data }] });
  const { descriptors } = await theirs.receiveMessage(buffer, { maxDescriptors: 2 });
  expect(owned([...descriptors])).toHaveLength(2);
});

const python = (program: string, ...args: string[]): ReturnType<typeof spawn> =>
  spawn('python3', ['-c', program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });

function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}

async function connectionFrom(program: string): Promise<[Socket, ReturnType<typeof spawn>]> {
  const path = join(folder, 'peer');
  const server = tracked(new Socket(AF_UNIX, SOCK_STREAM));
  server.bind({ path });
  server.listen();
  const child = python(program, path);
  const socket = tracked(await server.accept());
  server.close();
  return [socket, child];
}

describe("Python's socket module", () => {
  test('sends us descriptors, and says who it is', async () => {
    const file = join(folder, 'file');
    closeSync(openSync(file, 'w'));
    const [socket, child] = await connectionFrom(`
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
fds = [os.open(os.path.dirname(sys.argv[1]) + '/file', os.O_RDWR) for _ in range(3)]
socket.send_fds(s, [b'three'], fds)
s.recv(1)`);
    const exit = ended(child);
    const message = await socket.receiveMessage(buffer, { maxDescriptors: 3 });
    expect(buffer.toString('utf8', 0, message.length)).toBe('three');
    const received = owned([...message.descriptors]);
    expect(received).toHaveLength(3);
    for (const fd of received) expect(fstatSync(fd).ino).toBe(fstatSync(received[0]).ino);
    expect(socket.peerCredentials).toEqual({
      pid: child.pid,
      uid: process.getuid?.(),
      gid: process.getgid?.(),
    });
    socket.close();
    expect(await exit).toBe(0);
  });

  test('gets descriptors from us, and packets', async () => {
    const [reader, writer] = pipe();
    const [socket, child] = await connectionFrom(`
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
data, fds, flags, _ = socket.recv_fds(s, 16, 4)
assert (data, len(fds), flags & ~socket.MSG_CMSG_CLOEXEC) == (b'take', 2, 0), (data, fds, flags)
for fd in fds: os.write(fd, b'thanks')`);
    const exit = ended(child);
    await socket.sendMessage('take', { descriptors: [writer, writer] });
    expect(await exit).toBe(0);
    expect(buffer.toString('utf8', 0, readSync(reader, buffer))).toBe('thanksthanks');
  });
});

describe.runIf(process.platform === 'linux')('credentials', () => {
  test('of both ends of a pair are our own', () => {
    const own = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
    for (const socket of pairOf()) expect(socket.peerCredentials).toEqual(own);
  });

  test('of a socket that is not connected are none', () => {
    expect(tracked(new Socket(AF_UNIX, SOCK_STREAM)).peerCredentials).toBeNull();
  });

  test('come along with a message as the kernel vouches for them', async () => {
    const [ours, theirs] = pairOf(SOCK_DGRAM);
    theirs.setOption(SOL_SOCKET, SO_PASSCRED, true);
    await ours.send('who');
    const { control } = await theirs.receiveMessage(buffer);
    expect(control).toEqual([
      { level: SOL_SOCKET, type: SCM_CREDENTIALS, data: expect.any(Buffer) },
    ]);
    const [pid, uid, gid] = new Int32Array(new Uint8Array(control[0].data).buffer);
    expect([pid, uid, gid]).toEqual([process.pid, process.getuid?.(), process.getgid?.()]);
    // And they can be set, with the privilege.
    await ours.sendMessage('me', { control });
    expect((await theirs.receiveMessage(buffer)).control).toEqual(control);
  });
});

describe('descriptors that are not taken', () => {
  test('are closed when the message is collected', async () => {
    const { code, result } = await inChild(
      async ({ socket, descriptors, openDescriptors: open, collect }) => {
        const [ours, theirs] = socket.Socket.pair();
        const [reader] = descriptors.pipe();
        const room = Buffer.alloc(1);
        const receive = async (): Promise<number> => {
          await ours.sendMessage('x', { descriptors: [reader, reader] });
          return (await theirs.receiveMessage(room, { maxDescriptors: 2 })).length;
        };
        await receive();
        const before = open();
        await collect();
        return { closed: before - open() };
      },
      { flags: ['--expose-gc'] },
    );
    expect({ code, result }).toEqual({ code: 0, result: { closed: 2 } });
  });

  test('are closed when their Worker is terminated', async () => {
    const { code, result } = await inChild(
      async ({ startWorker, openDescriptors: open, threads }) => {
        // The descriptors that Node opens for its first Worker stay open.
        await new threads.Worker('0', { eval: true }).terminate();
        const before = open();
        const worker = startWorker(async ({ socket, fs }) => {
          const [ours, theirs] = socket.Socket.pair();
          const fd = fs.openSync('/dev/null', 'r');
          await ours.sendMessage('x', { descriptors: [fd, fd] });
          const message = await theirs.receiveMessage(Buffer.alloc(1), { maxDescriptors: 2 });
          Object.assign(globalThis, { message });
          fs.closeSync(fd);
          setInterval(() => undefined, 1000);
          return 'received';
        });
        await new Promise((resolve) => worker.once('message', resolve));
        const during = open();
        await worker.terminate();
        return { more: during > before, left: open() - before };
      },
    );
    expect({ code, result }).toEqual({ code: 0, result: { more: true, left: 0 } });
  });
});

// Linux counts what a user has under way against RLIMIT_NOFILE, but not for root.
test.runIf(process.platform === 'linux')(
  'they are refused with ETOOMANYREFS while too many are under way',
  async () => {
    const outcome = await inChild(async ({ socket, descriptors }) => {
      const [ours, theirs] = socket.Socket.pair();
      if (process.getuid?.() === 0) process.setuid?.(65_534);
      descriptors.limitDescriptors(60);
      const message = { descriptors: Array.from({ length: 50 }, () => theirs) };
      try {
        for (let i = 0; i < 10; i++) await ours.sendMessage('x', message);
        return 'sent';
      } catch (error) {
        const { code, syscall, message: text } = error as NodeJS.ErrnoException;
        return { code, syscall, text };
      }
    });
    expect(outcome).toMatchObject({
      code: 0,
      result: {
        code: 'ETOOMANYREFS',
        syscall: 'sendmsg',
        text: 'ETOOMANYREFS: too many references, sendmsg',
      },
    });
  },
);
