import { describe, expect, test } from 'vitest';
import { EINVAL } from '../../lib/errors';
import { connect, Datagram, listen } from '../../lib/net';
import { native } from '../../lib/native';
import { AF_INET, SOCK_DGRAM, Socket } from '../../lib/socket';

// A C string ends at its first NUL byte, so the rest would be ignored.

const host = '127.0.0.1\0.example.org';

describe('a NUL byte', () => {
  test.each(['127.0.0.1\0', host, '::1\0', '\0::1', 'fe80::1%lo\x000'])(
    'does not end an address: %j is none',
    (text) => {
      expect(native.parseHost(text, 0, Buffer.alloc(128))).toBe(EINVAL);
    },
  );

  test('does not end the name of an interface', () => {
    const name = native.interfaceName(1);
    expect(native.interfaceIndex(name)).toBe(1);
    expect(native.interfaceIndex(`${name}\0`)).toBe(EINVAL);
    expect(native.interfaceIndex(`${name}\x000`)).toBe(EINVAL);
  });

  test('does not end the name of a host', async () => {
    const refused = { code: 'ERR_INVALID_ARG_VALUE' };
    await expect(connect({ host, port: 1 })).rejects.toMatchObject(refused);
    await expect(listen({ host, port: 0 })).rejects.toMatchObject(refused);
    await expect(Datagram.bind({ host, port: 0 })).rejects.toMatchObject(refused);
    await expect(Datagram.connect({ host, port: 1 })).rejects.toMatchObject(refused);
  });

  test('in an address is an error of whoever is given it', async () => {
    const datagram = await Datagram.bind({ host: '127.0.0.1', port: 0 });
    const socket = new Socket(AF_INET, SOCK_DGRAM);
    const refused = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });
    try {
      await expect(datagram.send('x', { address: host, port: 9 })).rejects.toThrow(refused);
      expect(() => {
        socket.bind({ family: 'IPv4', address: host, port: 0 });
      }).toThrow(refused);
    } finally {
      datagram.close();
      socket.close();
    }
  });
});
