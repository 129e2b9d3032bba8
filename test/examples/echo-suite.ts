import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { startExample } from '../support/example';
import { tracked } from '../support/opened';

/**
 * More than the kernel holds between a client that does not read and a server that reads no more: 9
 * to 14 MiB, the more the longer the server has to wait for its turn of the processor (tcp_rmem).
 */
const MUCH = 64 * 2 ** 20;

async function connected(port: number): Promise<Socket> {
  const socket = tracked(connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  await once(socket, 'connect');
  return socket;
}

/** What every echo server of the examples must do, on whatever it waits. */
export function testEcho(name: string): void {
  describe(`examples/echo/${name}`, () => {
    test('sends back what comes in, and is held up by nobody', async () => {
      await using server = await startExample(`echo/${name}`, '0');
      const lengths = [0, 1, 100_000, 1_000_000];
      const clients = await Promise.all(lengths.map(() => connected(server.port)));
      const [slow, rude, last] = await Promise.all([1, 2, 3].map(() => connected(server.port)));
      const much = randomBytes(MUCH);
      slow.pause().end(much);
      rude.pause().write(much.subarray(0, 2 ** 20));
      await Promise.all(
        clients.map(async (client, i) => {
          const bytes = much.subarray(0, lengths[i]);
          client.end(bytes);
          expect((await buffer(client)).equals(bytes)).toBe(true);
        }),
      );
      rude.resetAndDestroy();
      // Turns enough for the server to read all that the slow one sends, if it did.
      for (let turn = 0; turn < 2 * (MUCH / 65536); turn++) {
        last.write('hello');
        expect(String((await once(last, 'data'))[0])).toBe('hello');
      }
      // The server holds no more than a queue of what the slow one does not take.
      expect(slow.errored).toBe(null);
      expect(slow.writableLength).toBeGreaterThan(0);
      expect((await buffer(slow)).equals(much)).toBe(true);
    });

    test('takes new clients when others have gone, whose numbers they have', async () => {
      await using server = await startExample(`echo/${name}`, '0');
      for (const bytes of ['one', 'two', 'three']) {
        const client = await connected(server.port);
        client.end(bytes);
        expect(String(await buffer(client))).toBe(bytes);
      }
    });
  });
}
