import { spawnSync } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

type Answer = (error: null, addresses: LookupAddress[]) => void;

/** A network of its own, in which there is nothing but the loopback, with an address more, and one port to connect from. */
const ISOLATED = [
  ...['unshare', '--net', 'sh', '-c'],
  [
    'ip link set lo up',
    'ip address add 198.51.100.1 dev lo',
    'echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range',
    'exec "$@"',
  ].join(' && '),
  'sh',
] as const;
const isolates = spawnSync(ISOLATED[0], [...ISOLATED.slice(1), 'true']).status === 0;
if (!isolates) console.warn('no network namespace: connecting within one is not tested');

describe('connect', () => {
  test('that waits for an answer keeps the process alive, and its timer no longer than that', async () => {
    const outcome = await inChild(async ({ net }) => {
      const listener = await net.listen({ host: '127.0.0.1', port: 0, backlog: 0 });
      const port = listener.address.port;
      const taken = await net.connect({ host: '127.0.0.1', port });
      const attemptDelay = 2 ** 31 - 1;
      const lookup = (_: string, __: object, answer: Answer): void => {
        answer(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      };
      const controller = new AbortController();
      setTimeout(() => controller.abort('aborted'), 50).unref();
      return net
        .connect({ host: 'name', port, attemptDelay, lookup }, { signal: controller.signal })
        .catch((error: unknown) => error)
        .finally(() => {
          taken.destroy();
          listener.close();
        });
    });
    expect(outcome).toEqual({ ...ended, result: 'aborted' });
  });

  test('leaves no timer behind when it has connected, however long the delay', async () => {
    const outcome = await inChild(async ({ net }) => {
      const listener = await net.listen({ host: '127.0.0.1', port: 0 });
      const lookup = (_: string, __: object, answer: Answer): void => {
        answer(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      };
      const port = listener.address.port;
      await net.connect({ host: 'name', port, attemptDelay: 2 ** 31 - 1, lookup });
      listener.close();
    });
    expect(outcome).toEqual({ ...ended, result: undefined });
  });

  test('leaves nothing open when a Worker is terminated in the middle of it', async () => {
    const outcome = await inChild(async ({ net, openDescriptors, startWorker }) => {
      const listener = await net.listen({ host: '127.0.0.1', port: 0, backlog: 0 });
      const port = listener.address.port;
      const taken = await net.connect({ host: '127.0.0.1', port });
      const terminate = async (): Promise<number> => {
        const worker = startWorker((tools, to: number) => {
          for (let i = 0; i < 10; i++) void tools.net.connect({ host: '127.0.0.1', port: to });
          tools.threads.parentPort?.postMessage('connecting');
        }, port);
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
        return openDescriptors();
      };
      // The first Worker may leave descriptors of Node open.
      const before = await terminate();
      const leaks = (await terminate()) - before;
      taken.destroy();
      listener.close();
      return { leaks };
    });
    expect(outcome).toEqual({ ...ended, result: { leaks: 0 } });
  });
});

describe.skipIf(!isolates)('connect in a network of its own', () => {
  const own = ['127.0.0.1', '::1', '0.0.0.0', '::', '198.51.100.1', '::ffff:127.0.0.1'];

  test.each(own)('to itself is refused: at %s nobody listens', async (host) => {
    const outcome = await inChild(
      async ({ net, openDescriptors }, to: string) => {
        const refused = (port: number): Promise<unknown> =>
          net.connect({ host: to, port }).then(
            ({ localAddress }) => localAddress,
            (error: unknown) => (error as Error).message,
          );
        await refused(1);
        const before = openDescriptors();
        const answer = await refused(40_000);
        return { answer, leaks: openDescriptors() - before };
      },
      { argument: host, under: ISOLATED },
    );
    const answer = `ECONNREFUSED: connection refused, connect ${host}:40000`;
    expect(outcome).toEqual({ ...ended, result: { answer, leaks: 0 } });
  });

  test('to where no route leads is ENETUNREACH', async () => {
    const outcome = await inChild(
      async ({ net }) => {
        const lookup = (_: string, __: object, answer: Answer): void => {
          answer(null, [
            { address: '192.0.2.1', family: 4 },
            { address: '2001:db8::1', family: 6 },
          ]);
        };
        const error = await net
          .connect({ host: 'name', port: 80, lookup })
          .catch((reason: unknown) => reason as AggregateError);
        const { code, errors } = error as AggregateError & { code: string };
        return { code, errors: errors.map(({ message }: Error) => message) };
      },
      { under: ISOLATED },
    );
    const unreachable = (where: string): string =>
      `ENETUNREACH: network is unreachable, connect ${where}:80`;
    expect(outcome).toEqual({
      ...ended,
      result: {
        code: 'ENETUNREACH',
        errors: ['192.0.2.1', '2001:db8::1'].map(unreachable),
      },
    });
  });
});
