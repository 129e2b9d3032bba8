import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Poller, READABLE, readable, Reactor, ready, register, watch } from '../../lib/index';
import { listen, connect, type Stream } from '../../lib/net';
import { inChild } from '../support/child';
import { pipe } from '../support/descriptors';

const storage = new AsyncLocalStorage<string>();
const NAMES = ['first', 'second', 'third'];

/** What each function finds in the storage; each is called in a context of its own. */
function inContexts<T>(begin: (name: string) => T): T[] {
  return NAMES.map((name) => storage.run(name, () => begin(name)));
}

describe('a promise goes on in the context of who awaits it', () => {
  test('of readable, ready and the two kinds of watch, in one wake-up', async () => {
    const [reader, writer] = pipe();
    const waiting = inContexts(async () => {
      const found: unknown[] = [];
      await readable(reader);
      found.push(storage.getStore());
      await ready(reader, READABLE);
      found.push(storage.getStore());
      for await (const readiness of watch(reader, READABLE)) {
        found.push(readiness.readable && storage.getStore());
        break;
      }
      return found;
    });
    const edges = inContexts(async (name) => {
      const [theirs, ours] = pipe();
      writeSync(ours, name);
      for await (const readiness of watch(theirs, READABLE, { mode: 'edge' })) {
        return readiness.readable && storage.getStore();
      }
      return undefined;
    });
    storage.run('another', () => writeSync(writer, 'x'));
    expect(await Promise.all(waiting)).toEqual(NAMES.map((name) => [name, name, name]));
    expect(await Promise.all(edges)).toEqual(NAMES);
  });

  test('of a poller, and of one that is rejected', async () => {
    const waiting = inContexts(async () => {
      using poller = new Poller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      const answer = poller.ready();
      storage.run('another', () => writeSync(writer, 'x'));
      await answer;
      const found = [storage.getStore()];
      const controller = new AbortController();
      using reactor = new Reactor();
      const aborted = reactor.readable(pipe()[0], { signal: controller.signal });
      storage.run('another', () => controller.abort());
      await aborted.catch(() => found.push(storage.getStore()));
      return found;
    });
    expect(await Promise.all(waiting)).toEqual(NAMES.map((name) => [name, name]));
  });

  test('of streams and listeners', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 });
    const serving: unknown[] = [];
    const echo = async (stream: Stream): Promise<void> => {
      serving.push(storage.getStore());
      await stream.pipeTo(stream);
      serving.push(storage.getStore());
    };
    const served = storage.run('server', () => listener.serve(echo));
    const port = listener.address.port;
    const found = await Promise.all(
      inContexts(async (name) => {
        const stream = await connect({ host: '127.0.0.1', port });
        const stores = [storage.getStore()];
        await stream.write('x'.repeat(4 << 20));
        stores.push(storage.getStore());
        await stream.readExactly(4 << 20);
        stores.push(storage.getStore());
        await stream.close();
        expect(stores).toEqual([name, name, name]);
        return storage.getStore();
      }),
    );
    expect(found).toEqual(NAMES);
    await listener.close({ drain: AbortSignal.timeout(10_000) });
    await served;
    expect(serving).toEqual(Array(6).fill('server'));
  });
});

describe('a callback of register', () => {
  test('is called in the context in which it was registered', async () => {
    const [reader, writer] = pipe();
    const called: unknown[] = [];
    const registerOne = () => register(reader, READABLE, () => called.push(storage.getStore()));
    const registrations = [registerOne(), ...inContexts(registerOne)];
    storage.run('another', () => writeSync(writer, 'x'));
    while (called.length < registrations.length) await turn();
    for (const registration of registrations) registration.close();
    expect(called.slice(0, 4)).toEqual([undefined, ...NAMES]);
  });

  test('has the contexts of what it throws, and of what it begins', async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs }) => {
      const { AsyncLocalStorage: Storage } =
        require('node:async_hooks') as typeof import('node:async_hooks');
      const store = new Storage<string>();
      const found: unknown[] = [];
      const [reader, writer] = descriptors.pipe();
      const uncaught = new Promise<void>((resolve) => {
        process.once('uncaughtException', () => {
          found.push(store.getStore());
          resolve();
        });
      });
      store.run('thrower', () => {
        const registration = iomux.register(reader, iomux.READABLE, () => {
          registration.close();
          process.nextTick(() => found.push(store.getStore()));
          throw new Error('thrown');
        });
      });
      fs.writeSync(writer, 'x');
      await uncaught;
      await new Promise((resolve) => setImmediate(resolve));
      return found;
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: ['thrower', 'thrower'] });
  });

  test('does not find the store of whoever has used the package first', async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs }) => {
      const { AsyncLocalStorage: Storage } =
        require('node:async_hooks') as typeof import('node:async_hooks');
      const [reader, writer] = descriptors.pipe();
      const found: unknown[] = [];
      const called = new Promise<void>((resolve) => {
        // No storage is in use yet, so nothing is captured.
        const registration = iomux.register(reader, iomux.READABLE, () => {
          registration.close();
          found.push(store.getStore());
          resolve();
        });
      });
      const store = new Storage<string>();
      store.run('writer', () => fs.writeSync(writer, 'x'));
      await store.run('waiter', () => called);
      // The reactor's own handle is created in a context here, and outlives it.
      const second = new iomux.Reactor();
      const again = new Promise<void>((resolve) => {
        store.run('first', () => void second.readable(reader).catch(() => undefined));
        store.exit(() => {
          const registration = second.register(reader, iomux.READABLE, () => {
            registration.close();
            found.push(store.getStore());
            resolve();
          });
        });
      });
      await again;
      second.close();
      return found.map((one) => one ?? 'none');
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '', result: ['none', 'none'] });
  });
});

test('who waits first leaves nothing of its context behind', async () => {
  const outcome = await inChild(
    async ({ iomux, descriptors, fs, collect }) => {
      const { AsyncLocalStorage: Storage } =
        require('node:async_hooks') as typeof import('node:async_hooks');
      const store = new Storage<object>();
      const [reader, writer] = descriptors.pipe();
      const waitTwice = async (): Promise<void> => {
        await iomux.readable(reader);
        await iomux.readable(reader);
      };
      const request = async (): Promise<WeakRef<object>> => {
        const held = { request: 1 };
        await store.run(held, waitTwice);
        return new WeakRef(held);
      };
      fs.writeSync(writer, 'x');
      const held = await request();
      // The timer of Trust runs as long as there are waits that trust.
      const over = new AbortController();
      const others = (async () => {
        while (!over.signal.aborted) await iomux.readable(reader);
      })();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await collect();
      const kept = held.deref() !== undefined;
      over.abort();
      await others;
      return kept;
    },
    { flags: ['--expose-gc'] },
  );
  expect(outcome).toMatchObject({ code: 0, stderr: '', result: false });
});
