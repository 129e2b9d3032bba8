import { getEventListeners } from 'node:events';
import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { READABLE, WRITABLE } from '../../lib/index';
import { pipe, socketPair } from '../support/descriptors';
import { delivered, isSettled, perTest } from './turns';

const given = perTest();

test('a signal that is aborted before rejects with its reason, and nothing is armed', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  writeSync(writer, 'x');
  const reason = new Error('never mind');
  const waiting = reactor.readable(reader, { signal: AbortSignal.abort(reason) });
  await expect(waiting).rejects.toBe(reason);
  expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
});

test('aborting while waiting rejects with the reason, and leaves nothing armed', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  const controller = new AbortController();
  const waiting = reactor.readable(reader, { signal: controller.signal });
  const reason = { any: 'value' };
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
  writeSync(writer, 'x');
  await delivered(reactor);
  await reactor.readable(reader);
});

test('a timeout is a signal like any other', async () => {
  const [reader] = pipe();
  const waiting = given.reactor.readable(reader, { signal: AbortSignal.timeout(1) });
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('aborting one wait leaves the others of the direction waiting', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  const controller = new AbortController();
  const before = reactor.readable(reader);
  const aborted = reactor.readable(reader, { signal: controller.signal });
  const after = reactor.readable(reader);
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  expect(reactor.statistics()).toMatchObject({ waiting: 2, armed: 1 });
  expect(await isSettled(before)).toBe(false);
  writeSync(writer, 'x');
  await Promise.all([before, after]);
});

test('aborting the wait for one direction leaves the other armed', async () => {
  const { reactor } = given;
  const [ours, theirs] = socketPair();
  const controller = new AbortController();
  const read = reactor.ready(ours, READABLE);
  // Aborted before the event loop could report that it is writable.
  const write = reactor.ready(ours, WRITABLE, { signal: controller.signal });
  controller.abort();
  await expect(write).rejects.toMatchObject({ name: 'AbortError' });
  expect(reactor.statistics()).toMatchObject({ waiting: 1, armed: 1 });
  expect(await isSettled(read)).toBe(false);
  writeSync(theirs, 'x');
  expect(await read).toMatchObject({ readable: true, writable: false });
});

test('who is told already is told, whatever happens before it goes on', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  const controller = new AbortController();
  const first = reactor.readable(reader).then(() => {
    controller.abort();
  });
  const second = reactor.readable(reader, { signal: controller.signal });
  writeSync(writer, 'x');
  await first;
  await expect(second).resolves.toBeUndefined();
  expect(controller.signal.aborted).toBe(true);
});

test('an abort in a callback of the same batch has its effect or none, and no other', async () => {
  const { reactor } = given;
  const [one, toOne] = pipe();
  const [other, toOther] = pipe();
  const controller = new AbortController();
  const registration = reactor.register(one, READABLE, () => {
    controller.abort();
    registration.close();
  });
  const waiting = reactor.readable(other, { signal: controller.signal });
  writeSync(toOne, 'x');
  writeSync(toOther, 'x');
  // The callback comes first in the batch, so the promise is still pending when it aborts.
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await delivered(reactor);
  expect(reactor.statistics()).toMatchObject({ waiting: 0, registrations: 0 });
});

test('waits with one signal share a listener, which the last to settle removes', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  const { signal } = new AbortController();
  const waits = Array.from({ length: 20 }, () => reactor.readable(reader, { signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  reactor.notifyClosing(reader);
  for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  const again = reactor.readable(reader, { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  writeSync(writer, 'x');
  await again;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('aborting rejects all that wait with the signal, and no others', async () => {
  const { reactor } = given;
  const [reader, writer] = pipe();
  const [other] = pipe();
  const controller = new AbortController();
  const { signal } = controller;
  const left = reactor.readable(reader);
  const waits = [reader, other, reader].map((fd) => reactor.readable(fd, { signal }));
  const reason = new Error('enough');
  controller.abort(reason);
  for (const wait of waits) await expect(wait).rejects.toBe(reason);
  expect(reactor.statistics()).toMatchObject({ waiting: 1, armed: 1 });
  writeSync(writer, 'x');
  await left;
});

test('what is no signal is a TypeError, and nothing is armed', async () => {
  const { reactor } = given;
  const [reader] = pipe();
  const wrong = { signal: 'stop' as unknown as AbortSignal };
  await expect(reactor.readable(reader, wrong)).rejects.toMatchObject({
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_TYPE',
  });
  expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
});
