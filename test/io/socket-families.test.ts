import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  AF_CAN,
  AF_INET,
  AF_NETLINK,
  AF_PACKET,
  AF_VSOCK,
  IPPROTO_ICMP,
  type Message,
  NETLINK_ROUTE,
  SO_TIMESTAMP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  SOL_SOCKET,
  VMADDR_CID_ANY,
  VMADDR_CID_LOCAL,
  VMADDR_PORT_ANY,
} from '../../lib/socket';
import { encodeSocketAddress } from '../../lib/io/socket/socket-address';
import { tracked } from '../support/opened';

const linux = process.platform === 'linux';

/** Why the kernel does not make such a socket, or `undefined`: a suite that is skipped says it. */
function lacks(make: () => Socket): string | undefined {
  try {
    make().close();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const noRaw = lacks(() => new Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
/** Of Linux, and nameless: AF_XDP, which is for root, and AF_ALG, which not every kernel has. */
const NAMELESS = [
  [44, SOCK_RAW],
  [38, SOCK_SEQPACKET],
].find(([family, type]) => lacks(() => new Socket(family, type)) === undefined);
const noVsock = lacks(() => {
  const socket = new Socket(AF_VSOCK, SOCK_STREAM);
  try {
    socket.bind({ family: 'vsock', cid: VMADDR_CID_LOCAL ?? 0, port: VMADDR_PORT_ANY ?? 0 });
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
});

describe.runIf(linux)('netlink', () => {
  test('has an address of a port and groups', () => {
    const socket = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    socket.bind({ family: 'netlink', port: 0, groups: 0x11 });
    expect(socket.localAddress).toEqual({
      family: 'netlink',
      port: expect.any(Number),
      groups: 0x11,
    });
    expect(socket.remoteAddress).toEqual({ family: 'netlink', port: 0, groups: 0 });
  });

  test('refuses what is no request by an answer from the kernel', async () => {
    const socket = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    const request = Buffer.alloc(16);
    const header = new DataView(request.buffer, request.byteOffset);
    header.setUint32(0, 16, true);
    header.setUint16(4, 0x7fff, true);
    header.setUint16(6, 5, true); // a request, acknowledged
    await socket.sendTo(request, { family: 'netlink', port: 0, groups: 0 });
    const answer = Buffer.alloc(1024);
    const { address } = await socket.receiveFrom(answer);
    expect(address).toEqual({ family: 'netlink', port: 0, groups: 0 });
    expect(answer.readUInt16LE(4)).toBe(2); // NLMSG_ERROR
    expect(answer.readInt32LE(16)).toBe(-95); // EOPNOTSUPP
  });

  test('rejects rather than waits when the queue of the peer is full', async () => {
    const NETLINK_USERSOCK = 2;
    const peer = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
    peer.bind({ family: 'netlink', port: 0, groups: 0 });
    peer.setOption('receiveBuffer', 4096);
    const socket = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
    await socket.connect(peer.localAddress ?? { path: '' });
    const message = Buffer.alloc(1000);
    let sent = 0;
    const failure = await (async () => {
      for (; ; sent++) await socket.send(message);
    })().catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code: 'EAGAIN', syscall: 'sendmsg' });
    expect(sent).toBeGreaterThan(0);
    // It continues when there is room.
    for (; sent > 0; sent--) await peer.receive(message);
    await socket.send(message);
  });
});

describe.runIf(linux && noRaw === undefined)('packets', () => {
  test('go to an interface and come from one, with the address of the hardware', async () => {
    // A protocol for local experiments (IEEE 802), which nobody else sends here.
    const protocol = 0x88b5;
    const receiver = tracked(new Socket(AF_PACKET, SOCK_DGRAM));
    receiver.bind({ family: 'packet', interface: 'lo', protocol });
    expect(receiver.localAddress).toMatchObject({ family: 'packet', interface: 'lo', protocol });
    expect(receiver.remoteAddress).toBeNull();
    const sender = tracked(new Socket(AF_PACKET, SOCK_DGRAM));
    const hardwareAddress = Buffer.from('02000000002a', 'hex');
    const marker = `iomux ${process.pid} ${performance.now()}`;
    const to = { family: 'packet', interface: 'lo', protocol, hardwareAddress } as const;
    const frame = Buffer.alloc(256);
    for (const withControl of [false, true]) {
      await sender.sendTo(marker, to);
      let message: Message;
      do {
        message = await (withControl
          ? receiver.receiveMessage(frame)
          : receiver.receiveFrom(frame));
      } while (!frame.subarray(0, message.length).includes(marker)); // another run of this test
      expect(message.control).toEqual([]);
      expect(message.address).toEqual({
        family: 'packet',
        interface: 'lo',
        protocol,
        hardwareAddress: Buffer.alloc(6),
        packetType: expect.any(Number),
      });
    }
  });
});

describe.runIf(linux && noVsock === undefined)(`vsock (${noVsock ?? 'yes'})`, () => {
  test('connects within the machine', async () => {
    const server = tracked(new Socket(AF_VSOCK, SOCK_STREAM));
    server.bind({ family: 'vsock', cid: VMADDR_CID_ANY ?? 0, port: VMADDR_PORT_ANY ?? 0 });
    server.listen();
    const { port } = server.localAddress as { port: number };
    const client = tracked(new Socket(AF_VSOCK, SOCK_STREAM));
    const cid = VMADDR_CID_LOCAL ?? 0;
    const [served] = await Promise.all([
      server.accept(),
      client.connect({ family: 'vsock', cid, port }),
    ]);
    tracked(served);
    expect(client.remoteAddress).toEqual({ family: 'vsock', cid, port });
    await client.send('hello');
    expect(await served.receive(Buffer.alloc(9))).toBe(5);
  });
});

describe.runIf(linux && NAMELESS !== undefined)('a family without addresses', () => {
  test('has sockets without an address, which can be logged', () => {
    const [family, type] = NAMELESS ?? [];
    const socket = tracked(new Socket(family, type));
    expect(socket.localAddress).toBe(null);
    expect(inspect(socket)).toContain('localAddress: null');
  });
});

describe.runIf(linux)('an address of a family', () => {
  test('of CAN has an interface, and identifiers for ISO-TP', () => {
    const bytes = Buffer.from(
      encodeSocketAddress('address', {
        family: 'can',
        interface: 'lo',
        receiveId: 0x123,
        transmitId: 0x80000456,
      }),
    );
    expect(bytes).toHaveLength(16);
    expect(bytes[0]).toBe(AF_CAN);
    expect(bytes.readInt32LE(4)).toBeGreaterThan(0);
    expect(bytes.readUInt32LE(8)).toBe(0x123);
    expect(bytes.readUInt32LE(12)).toBe(0x80000456);
  });

  test('names an interface that there is not', () => {
    const socket = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    expect(() => socket.bind({ family: 'can', interface: 'no-such' })).toThrow(
      expect.objectContaining({ code: 'ENODEV', address: 'no-such' }) as Error,
    );
  });

  test.each([
    [{ family: 'netlink', port: -1, groups: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'netlink', port: '1', groups: 0 }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'vsock', cid: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'can', interface: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'packet', interface: 'lo', protocol: 65536 }, 'ERR_OUT_OF_RANGE'],
    [
      { family: 'packet', interface: 'lo', protocol: 0, hardwareAddress: Buffer.alloc(9) },
      'ERR_OUT_OF_RANGE',
    ],
    [
      { family: 'packet', interface: 'lo', protocol: 0, hardwareAddress: 'x' },
      'ERR_INVALID_ARG_TYPE',
    ],
    [{ family: 'decnet' }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 300, data: Buffer.alloc(1) }, 'ERR_OUT_OF_RANGE'],
  ])('%o is refused', (address, code) => {
    expect(() => encodeSocketAddress('address', address as never)).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  test('of any other one is its bytes', () => {
    const socket = tracked(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    socket.bind({ family: AF_NETLINK ?? 0, data: Buffer.from('0000000000002a000000', 'hex') });
    expect(socket.localAddress).toMatchObject({ family: 'netlink', groups: 0x2a });
  });
});

test('what came along with a message is told: the time of its arrival', async () => {
  const socket = tracked(new Socket(AF_INET, SOCK_DGRAM));
  socket.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
  socket.setOption(SOL_SOCKET, SO_TIMESTAMP, true);
  const before = Date.now();
  await socket.sendTo('when', socket.localAddress ?? { path: '' });
  const { control, flags } = await socket.receiveMessage(Buffer.alloc(8));
  expect(flags).toBe(0);
  expect(control).toHaveLength(1);
  expect(control[0].level).toBe(SOL_SOCKET);
  const seconds = Number(control[0].data.readBigInt64LE(0));
  expect(Math.abs(seconds - before / 1000)).toBeLessThan(60);
});
