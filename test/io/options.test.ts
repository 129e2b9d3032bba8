import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { connect, listen, type SocketHandle, type Stream } from '../../lib/net';
import {
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_RCVBUF,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPALIVE,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '../../lib/socket';
import { tracked } from '../support/opened';
import { fromNode, listening, pair } from './peers';

const isLinux = process.platform === 'linux';
/** Darwin's name for it. */
const KEEPIDLE = TCP_KEEPIDLE ?? TCP_KEEPALIVE;

/** The value of a C int in the bytes of an option. */
function int(bytes: Uint8Array): number {
  return Buffer.from(bytes)[process.arch === 's390x' ? 'readInt32BE' : 'readInt32LE'](0);
}

describe('an option by its name', () => {
  test('noDelay is TCP_NODELAY, both ways', async () => {
    const { ours } = await pair();
    for (const wanted of [false, true]) {
      expect(ours.setOption('noDelay', wanted)).toBe(ours);
      expect(ours.getOption('noDelay')).toBe(wanted);
      // A flag of the BSDs is whatever bit the kernel keeps it in.
      expect(ours.getOption(IPPROTO_TCP, TCP_NODELAY) !== 0).toBe(wanted);
    }
  });

  test('keepAlive is on as the system has it, with times, or off', async () => {
    const { ours } = await pair();
    expect(ours.getOption('keepAlive')).toBe(false);
    ours.setOption('keepAlive', true);
    const system = ours.getOption('keepAlive');
    expect(system).toEqual({
      idle: expect.any(Number),
      interval: expect.any(Number),
      count: expect.any(Number),
    });
    ours.setOption('keepAlive', { idle: 59_001, interval: 7000, count: 4 });
    expect(ours.getOption('keepAlive')).toEqual({ idle: 60_000, interval: 7000, count: 4 });
    expect(ours.getOption(IPPROTO_TCP, KEEPIDLE)).toBe(60);
    expect(ours.getOption(IPPROTO_TCP, TCP_KEEPINTVL)).toBe(7);
    expect(ours.getOption(IPPROTO_TCP, TCP_KEEPCNT)).toBe(4);
    ours.setOption('keepAlive', { count: 5 });
    expect(ours.getOption('keepAlive')).toEqual({ idle: 60_000, interval: 7000, count: 5 });
    ours.setOption('keepAlive', false);
    expect(ours.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
  });

  test('keepAlive with one time out of range sets none', async () => {
    const { ours } = await pair();
    const before = ours.getOption(IPPROTO_TCP, KEEPIDLE);
    const set = (): unknown => ours.setOption('keepAlive', { idle: 5000, count: 128 });
    expect(set).toThrow(
      expect.objectContaining({
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringContaining('"value.count"'),
      }) as Error,
    );
    expect(ours.getOption(IPPROTO_TCP, KEEPIDLE)).toBe(before);
    expect(ours.getOption('keepAlive')).toBe(false);
  });

  test('sizes of buffers, on a listener too, are what the system makes of them', async () => {
    const { listener } = await listening();
    for (const handle of [listener, (await pair()).ours] as SocketHandle[]) {
      handle.setOption('receiveBuffer', 50_000).setOption('sendBuffer', 40_000);
      expect(handle.getOption('receiveBuffer')).toBeGreaterThanOrEqual(50_000);
      expect(handle.getOption('sendBuffer')).toBeGreaterThanOrEqual(40_000);
      expect(handle.getOption('receiveBuffer')).toBe(handle.getOption(SOL_SOCKET, SO_RCVBUF));
    }
  });

  test('linger of 0 makes closing reset the connection', async () => {
    const { stream, socket } = await fromNode();
    expect(stream.getOption('linger')).toBe(false);
    stream.setOption('linger', 1500);
    expect(stream.getOption('linger')).toBe(2000);
    stream.setOption('linger', false);
    expect(stream.getOption('linger')).toBe(false);
    stream.setOption('linger', 0);
    expect(stream.getOption('linger')).toBe(0);
    const failed = once(socket, 'error');
    await stream.close();
    expect(await failed).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  });

  test('trafficClass is of the family of the socket', async () => {
    const { ours } = await pair();
    ours.setOption('trafficClass', 0xb8);
    expect(ours.getOption('trafficClass')).toBe(0xb8);
    expect(ours.getOption(IPPROTO_IP, IP_TOS)).toBe(0xb8);

    const dual = tracked(await listen({ port: 0, host: '::' }));
    dual.setOption('trafficClass', 0x28);
    expect(dual.getOption('trafficClass')).toBe(0x28);
    expect(dual.getOption(IPPROTO_IPV6, IPV6_TCLASS)).toBe(0x28);
    // For its peers of IPv4; the BSDs have no such option of a socket of IPv6.
    if (isLinux) expect(dual.getOption(IPPROTO_IP, IP_TOS)).toBe(0x28);
  });

  // Elsewhere it is a flag.
  test.runIf(isLinux)('fastOpen of a listener is the length of a queue', async () => {
    const { listener } = await listening();
    expect(listener.getOption('fastOpen')).toBe(0);
    expect(listener.setOption('fastOpen', 16).getOption('fastOpen')).toBe(16);
  });

  test('reuseAddress and broadcast are flags', async () => {
    const { listener } = await listening();
    expect(listener.getOption('reuseAddress')).toBe(true);
    expect(listener.getOption('reusePort')).toBe(false);
    expect(listener.setOption('broadcast', true).getOption('broadcast')).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('an option of Linux by its name', () => {
  test('userTimeout is in milliseconds', async () => {
    const { ours } = await pair();
    ours.setOption('userTimeout', 1234);
    expect(ours.getOption('userTimeout')).toBe(1234);
    expect(ours.getOption(IPPROTO_TCP, TCP_USER_TIMEOUT)).toBe(1234);
  });

  test('priority is read back', async () => {
    const { ours } = await pair();
    expect(ours.setOption('priority', 4).getOption('priority')).toBe(4);
  });

  test('fastOpenConnect is a flag of who has yet to connect', async () => {
    const { ours } = await pair();
    // The socket is connected already.
    expect(() => ours.setOption('fastOpenConnect', true)).toThrow('EINVAL');
    expect(ours.getOption('fastOpenConnect')).toBe(false);
  });

  const root = process.getuid?.() === 0;
  test.runIf(root)('mark has 32 bits without a sign', async () => {
    const { ours } = await pair();
    ours.setOption('mark', 0xfedcba98);
    expect(ours.getOption('mark')).toBe(0xfedcba98);
    expect(ours.getOption(SOL_SOCKET, SO_MARK)).toBe(0xfedcba98 | 0);
  });

  test.runIf(root)('bindToDevice is the name of an interface, or none', async () => {
    const { ours } = await pair();
    expect(ours.getOption('bindToDevice')).toBe('');
    ours.setOption('bindToDevice', 'lo');
    expect(ours.getOption('bindToDevice')).toBe('lo');
    expect(ours.getOption(SOL_SOCKET, SO_BINDTODEVICE, 16).toString()).toBe('lo\0');
    ours.setOption('bindToDevice', '');
    expect(ours.getOption('bindToDevice')).toBe('');
    expect(() => ours.setOption('bindToDevice', 'no-such-device')).toThrow('ENODEV');
  });
});

describe('an option by the numbers of the system', () => {
  test('is a C int, or as many bytes as it has', async () => {
    const { ours } = await pair();
    expect(ours.getOption(SOL_SOCKET, SO_TYPE)).toBe(SOCK_STREAM);
    const bytes = ours.getOption(SOL_SOCKET, SO_TYPE, 100);
    expect(bytes).toHaveLength(4);
    expect(int(bytes)).toBe(SOCK_STREAM);
    expect(ours.getOption(SOL_SOCKET, SO_LINGER, 8)).toHaveLength(8);
  });

  test('is set to a number, a flag or bytes', async () => {
    const { ours } = await pair();
    ours.setOption(SOL_SOCKET, SO_KEEPALIVE, true);
    expect(ours.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    ours.setOption(SOL_SOCKET, SO_KEEPALIVE, 0);
    expect(ours.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    ours.setOption(SOL_SOCKET, SO_LINGER, new Uint8Array(new Int32Array([1, 3]).buffer));
    expect(ours.getOption('linger')).toBe(3000);
  });

  test('that the system does not know is its own error', async () => {
    const { ours } = await pair();
    expect(() => ours.setOption(IPPROTO_TCP, 0x7fff, 1)).toThrow(
      expect.objectContaining({ code: 'ENOPROTOOPT', syscall: 'setsockopt', fd: ours.fd }) as Error,
    );
    expect(() => ours.getOption(IPPROTO_TCP, 0x7fff)).toThrow(
      expect.objectContaining({ code: 'ENOPROTOOPT', syscall: 'getsockopt' }) as Error,
    );
  });

  test('that is undefined here says so', async () => {
    const { ours } = await pair();
    const lacking = { code: 'ERR_UNSUPPORTED_PLATFORM' };
    expect(() => ours.getOption(SOL_SOCKET, undefined)).toThrow(
      expect.objectContaining(lacking) as Error,
    );
    expect(() => ours.setOption(undefined, SO_TYPE, 1)).toThrow(
      expect.objectContaining(lacking) as Error,
    );
  });
});

describe('options of a socket that is not made yet', () => {
  test('are set before it connects, and before it listens', async () => {
    const socketOptions = { receiveBuffer: 40_000, noDelay: false } as const;
    const listener = tracked(await listen({ host: '127.0.0.1', port: 0, socketOptions }));
    const port = listener.address.port;
    expect(listener.getOption('receiveBuffer')).toBeGreaterThanOrEqual(40_000);
    const [ours, theirs] = await Promise.all([
      connect({ host: '127.0.0.1', port, socketOptions: { keepAlive: { idle: 9000 } } }),
      listener.accept(),
    ]);
    expect(tracked(ours).getOption('keepAlive')).toMatchObject({ idle: 9000 });
    expect(ours.getOption('noDelay')).toBe(true);
    // Inherited.
    expect(tracked(theirs).getOption('receiveBuffer')).toBe(listener.getOption('receiveBuffer'));
    expect(theirs.getOption('noDelay')).toBe(false);
  });

  test('that are undefined are as those that are not there', async () => {
    const socketOptions = { mark: undefined, keepAlive: undefined, sendBuffer: undefined };
    const listener = tracked(await listen({ host: '127.0.0.1', port: 0, socketOptions }));
    const port = listener.address.port;
    const stream = tracked(await connect({ host: '127.0.0.1', port, socketOptions }));
    expect(stream.getOption('keepAlive')).toBe(false);
  });

  test('are checked before there is a socket', async () => {
    const wrong = { socketOptions: { trafficClass: 256 } };
    const problem = {
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringContaining('"options.socketOptions.trafficClass"'),
    };
    await expect(connect({ port: 1, ...wrong })).rejects.toMatchObject(problem);
    await expect(listen({ port: 0, ...wrong })).rejects.toMatchObject(problem);
    const none = { socketOptions: null as never };
    const type = { code: 'ERR_INVALID_ARG_TYPE' };
    await expect(connect({ port: 1, ...none })).rejects.toMatchObject(type);
    await expect(listen({ port: 0, ...none })).rejects.toMatchObject(type);
  });

  test.runIf(process.platform === 'linux')('that the system refuses leave no socket', async () => {
    const { port } = await listening();
    const socketOptions = { bindToDevice: 'no-such-device' };
    const problem = { code: 'ENODEV', syscall: 'setsockopt' };
    await expect(connect({ host: '127.0.0.1', port, socketOptions })).rejects.toMatchObject(
      problem,
    );
    await expect(listen({ port: 0, socketOptions })).rejects.toMatchObject(problem);
  });

  test.runIf(process.platform === 'linux')('make the first bytes go with the request', async () => {
    const listener = tracked(
      await listen({ host: '127.0.0.1', port: 0, socketOptions: { fastOpen: 8 } }),
    );
    const port = listener.address.port;
    // The second one has the cookie, and is connected before it has sent anything.
    for (let i = 0; i < 2; i++) {
      const stream = tracked(
        await connect({ host: '127.0.0.1', port, socketOptions: { fastOpenConnect: true } }),
      );
      await stream.write('early');
      const accepted = tracked(await listener.accept());
      expect((await accepted.readExactly(5)).toString()).toBe('early');
    }
  });
});

describe('misuse of options', () => {
  const cases: [string, (stream: Stream) => unknown, string][] = [
    ['an unknown name', (s) => s.getOption('nagle' as 'noDelay'), 'ERR_INVALID_ARG_VALUE'],
    [
      'a name of Object',
      (s) => s.setOption('toString' as 'noDelay', true),
      'ERR_INVALID_ARG_VALUE',
    ],
    ['a flag that is none', (s) => s.setOption('noDelay', 1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['a size of nothing', (s) => s.setOption('sendBuffer', 0), 'ERR_OUT_OF_RANGE'],
    ['half a byte', (s) => s.setOption('sendBuffer', 0.5), 'ERR_OUT_OF_RANGE'],
    ['a byte too large', (s) => s.setOption('trafficClass', 256), 'ERR_OUT_OF_RANGE'],
    ['text for a number', (s) => s.setOption('linger', '1' as never), 'ERR_INVALID_ARG_TYPE'],
    ['linger that is true', (s) => s.setOption('linger', true as never), 'ERR_INVALID_ARG_TYPE'],
    ['no idle time', (s) => s.setOption('keepAlive', { idle: 0 }), 'ERR_OUT_OF_RANGE'],
    ['keepAlive null', (s) => s.setOption('keepAlive', null as never), 'ERR_INVALID_ARG_TYPE'],
    ['a level in text', (s) => s.getOption(null as never, 1), 'ERR_INVALID_ARG_TYPE'],
    ['a value that is text', (s) => s.setOption(1, 2, '3' as never), 'ERR_INVALID_ARG_TYPE'],
    ['a value beyond an int', (s) => s.setOption(1, 2, 2 ** 32), 'ERR_OUT_OF_RANGE'],
    ['no length', (s) => s.getOption(1, 2, 0), 'ERR_OUT_OF_RANGE'],
  ];
  test.each(cases)('%s is refused', async (_, use, code) => {
    const { ours } = await pair();
    expect(() => use(ours)).toThrow(expect.objectContaining({ code }) as Error);
  });

  test.runIf(process.platform === 'linux').each(['a\0b', 'sixteen-letters-'])(
    'the interface %j is refused',
    async (name) => {
      const { ours } = await pair();
      expect(() => ours.setOption('bindToDevice', name)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }) as Error,
      );
    },
  );

  test('a closed handle says so', async () => {
    const { ours } = await pair();
    const { listener } = await listening();
    await ours.close();
    listener.close();
    const closed = (what: string): Error =>
      expect.objectContaining({
        code: 'ERR_CLOSED',
        message: `The ${what} is closed`,
      }) as Error;
    expect(() => ours.getOption('noDelay')).toThrow(closed('stream'));
    expect(() => ours.setOption('noDelay', true)).toThrow(closed('stream'));
    expect(() => listener.getOption(SOL_SOCKET, SO_TYPE)).toThrow(closed('listener'));
  });
});
