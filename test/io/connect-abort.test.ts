import type { LookupFunction } from 'node:net';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { READABLE, register } from '../../lib/index';
import { connect, type Stream } from '../../lib/net';
import { close, openDescriptors, pipe } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';
import { resolving } from './loopback';
import { tracked } from '../support/opened';
import { listening, readBytes } from './peers';

const reason = new Error('enough');

describe('aborting connect', () => {
  test('before it is called opens and looks up nothing', async () => {
    let asked = false;
    const lookup: LookupFunction = () => (asked = true);
    const before = openDescriptors().length;
    const connecting = connect(
      { host: 'name', port: 1, lookup },
      { signal: AbortSignal.abort(reason) },
    );
    await expect(connecting).rejects.toBe(reason);
    expect(asked).toBe(false);
    expect(openDescriptors()).toHaveLength(before);
  });

  test('during the look-up rejects at once, and what it answers later is ignored', async () => {
    const { listener, port } = await listening();
    const answers: (() => void)[] = [];
    const lookup: LookupFunction = (_, __, callback) => {
      answers.push(() => callback(null, '127.0.0.1', 4));
    };
    const controller = new AbortController();
    const connecting = connect({ host: 'name', port, lookup }, { signal: controller.signal });
    expect(await afterTurns(connecting)).toBe(PENDING);
    const before = openDescriptors().length;
    controller.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    for (const answer of answers) answer();
    expect(answers).toHaveLength(1);
    expect(openDescriptors()).toHaveLength(before);
    const accepting = listener.accept();
    expect(await afterTurns(accepting)).toBe(PENDING);
    listener.close();
    await expect(accepting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('in the turn in which the look-up answers opens nothing', async () => {
    const { port } = await listening();
    const controller = new AbortController();
    const lookup: LookupFunction = (_, __, callback) =>
      setImmediate(() => {
        callback(null, '127.0.0.1', 4);
        controller.abort(reason);
      });
    const before = openDescriptors().length;
    const connecting = connect({ host: 'name', port, lookup }, { signal: controller.signal });
    await expect(connecting).rejects.toBe(reason);
    expect(openDescriptors()).toHaveLength(before);
  });

  test('inside of the look-up function rejects', async () => {
    const controller = new AbortController();
    const lookup: LookupFunction = (_, __, callback) => {
      controller.abort(reason);
      callback(null, '127.0.0.1', 4);
    };
    const connecting = connect({ host: 'name', port: 1, lookup }, { signal: controller.signal });
    await expect(connecting).rejects.toBe(reason);
  });

  test.for(['before', 'after'] as const)(
    'in the very wake-up that connects, %s it, leaves nothing open',
    async (order) => {
      const { port } = await listening();
      const [reader, writer] = pipe();
      const controller = new AbortController();
      // Reported in the same batch as the connection: the kernel reports in the order of the events.
      const registration = register(reader, READABLE, () => {
        registration.close();
        controller.abort(reason);
      });
      if (order === 'before') close(writer);
      const before = openDescriptors().length;
      const connecting = connect({ host: '127.0.0.1', port }, { signal: controller.signal });
      if (order === 'after') close(writer);
      const outcome: unknown = await connecting.catch((error: unknown) => error);
      expect(controller.signal.aborted).toBe(true);
      if (outcome === reason) {
        expect(openDescriptors().length).toBeLessThanOrEqual(before);
      } else {
        tracked(outcome as Stream);
        expect((outcome as Stream).remoteAddress).toMatchObject({ port });
      }
    },
  );

  test('has no effect on a stream that is connected, and leaves no listener with the signal', async () => {
    const { listener, port } = await listening();
    const controller = new AbortController();
    const { signal } = controller;
    const lookup = resolving('127.0.0.1');
    const stream = tracked(await connect({ host: 'name', port, lookup }, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    controller.abort(reason);
    const theirs = tracked(await listener.accept());
    await stream.write('hello');
    expect((await readBytes(theirs, 5)).toString()).toBe('hello');
  });

  test('leaves no listener with the signal after a failure either', async () => {
    const { listener, port } = await listening();
    listener.close();
    const { signal } = new AbortController();
    const failing = (lookup: LookupFunction): Promise<unknown> =>
      connect({ host: 'name', port, lookup }, { signal }).catch((error: unknown) => error);
    expect(await failing(resolving('127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' });
    const thrown = new Error('no resolver');
    const throwing: LookupFunction = () => {
      throw thrown;
    };
    expect(await failing(throwing)).toBe(thrown);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
