import { describe, expect, test } from 'vitest';
import {
  FileWatch,
  Poller,
  processExit,
  READABLE,
  readable,
  register,
  Timer,
} from '../../lib/index';
import { Datagram, connect, listen, type Stream } from '../../lib/net';
import { AF_INET, SOCK_DGRAM, Socket } from '../../lib/socket';
import { bound } from './datagrams';
import { tracked } from '../support/opened';
import { listening, pair } from './peers';

// What is right elsewhere: in node:net, node:dgram or fetch. Ignored, it would have a server listen on
// every interface, or somebody wait for ever.

const VALUE = { code: 'ERR_INVALID_ARG_VALUE' };
const TYPE = { code: 'ERR_INVALID_ARG_TYPE' };
const signal = AbortSignal.abort();

/** Passes what TypeScript would refuse. */
const anything = (value: unknown): never => value as never;

const openers = {
  connect: (o: object) => connect(anything({ port: 1, ...o })),
  listen: (o: object) => listen(anything({ port: 0, ...o })),
  'Datagram.bind': (o: object) => Datagram.bind(anything({ port: 0, ...o })),
  'Datagram.connect': (o: object) => Datagram.connect(anything({ port: 1, ...o })),
};

async function target(o: object): Promise<[Stream, never]> {
  return [(await pair()).ours, anything(o)];
}

describe.each(Object.entries(openers))('%s', (_, open) => {
  test.each([
    ['hostname', '127.0.0.1'],
    ['address', '127.0.0.1'],
    ['signal', signal],
    ['timeout', 50],
  ])('refuses options.%s', async (name, value) => {
    await expect(open({ [name]: value })).rejects.toMatchObject({
      ...VALUE,
      message: expect.stringContaining(`options.${name}`) as unknown,
    });
  });
});

test.each<[string, string, (o: object) => unknown]>([
  ['connect', 'allowHalfOpen', openers.connect],
  ['connect', 'keepAlive', openers.connect],
  ['connect', 'autoSelectFamily', openers.connect],
  ['connect', 'autoSelectFamilyAttemptTimeout', openers.connect],
  ['connect', 'blockList', openers.connect],
  ['connect', 'hints', openers.connect],
  ['connect', 'onread', openers.connect],
  ['listen', 'allowHalfOpen', openers.listen],
  ['listen', 'blockList', openers.listen],
  ['listen', 'exclusive', openers.listen],
  ['listen', 'family', openers.listen],
  ['listen', 'lookup', openers.listen],
  ['listen', 'pauseOnConnect', openers.listen],
  ['Datagram.bind', 'exclusive', openers['Datagram.bind']],
  ['Datagram.bind', 'fd', openers['Datagram.bind']],
  ['Datagram.bind', 'mode', openers['Datagram.bind']],
  ['Datagram.bind', 'receiveBlockList', openers['Datagram.bind']],
  ['Datagram.bind', 'reuseAddr', openers['Datagram.bind']],
  ['Datagram.bind', 'sendBlockList', openers['Datagram.bind']],
  ['Datagram.bind', 'socketOptions', openers['Datagram.bind']],
  ['Datagram.connect', 'fd', openers['Datagram.connect']],
  ['Datagram.connect', 'type', openers['Datagram.connect']],
  ['listen', 'maxConnections', openers.listen],
  ['Datagram.bind', 'recvBufferSize', openers['Datagram.bind']],
  ['Datagram.bind', 'multicastTTL', openers['Datagram.bind']],
  ['Datagram.configure', 'TTL', async (o) => (await bound()).socket.configure(o)],
  ['Datagram.configure', 'multicastLoopback', async (o) => (await bound()).socket.configure(o)],
  ['Datagram.join', 'multicastInterface', async (o) => (await bound()).socket.join('239.1.2.3', o)],
  ['Datagram.leave', 'interfaceAddress', async (o) => (await bound()).socket.leave('239.1.2.3', o)],
  [
    'Socket.sendMessage',
    'fds',
    (o) => tracked(new Socket(AF_INET, SOCK_DGRAM)).sendMessage('x', o),
  ],
  ['FileWatch', 'recursive', (o) => new FileWatch('/', anything(o))],
  ['FileWatch', 'signal', (o) => new FileWatch('/', anything(o))],
  ['Timer', 'signal', (o) => new Timer(anything({ after: 1, ...o }))],
  ['register', 'signal', (o) => register(0, READABLE, () => undefined, anything(o))],
  ['Stream.pipeTo', 'preventClose', async (o) => (await pair()).ours.pipeTo(...(await target(o)))],
  ['readable', 'timeout', (o) => readable(0, o)],
  ['Poller.ready', 'timeout', (o) => new Poller({ backend: 'poll' }).ready(o)],
  ['Poller.add', 'data', (o) => tracked(new Poller()).add(0, READABLE, o)],
  ['Poller.modify', 'data', (o) => tracked(new Poller()).modify(0, READABLE, o)],
  ['processExit', 'timeout', (o) => processExit(process.pid, o)],
  ['Stream.readLine', 'timeout', async (o) => (await pair()).ours.readLine(o)],
  ['Stream.sendFile', 'start', async (o) => (await pair()).ours.sendFile(0, o)],
  ['Stream.sendFile', 'end', async (o) => (await pair()).ours.sendFile(0, o)],
])('%s refuses options.%s', async (_, name, call) => {
  const calling = async (): Promise<unknown> => await call({ [name]: 1 });
  await expect(calling()).rejects.toMatchObject({
    ...VALUE,
    message: expect.stringContaining(`options.${name}`) as unknown,
  });
});

test('options of a socket are named in full where they are refused', async () => {
  const { ours } = await pair();
  expect(() => ours.setOption('keepAlive', anything({ initialDelay: 1000 }))).toThrow(
    "The property 'value.initialDelay' is called idle here. Received 1000",
  );
  expect(() => ours.setOption('keepAlive', anything({ idel: 1000 }))).toThrow(
    "The property 'value.idel' is not one of idle, interval, count. Received 1000",
  );
  await expect(connect(anything({ port: 1, socketOptions: { nodelay: true } }))).rejects.toThrow(
    /^The property 'options\.socketOptions\.nodelay' is not one of noDelay, /,
  );
  await expect(ours.writev(anything('hello'))).rejects.toMatchObject(TYPE);
});

test('a signal in the place of the options is refused by what waits', async () => {
  const { ours } = await pair();
  const { socket } = await bound();
  await expect(ours.read(Buffer.alloc(1), anything(signal))).rejects.toMatchObject(TYPE);
  await expect(ours.readLine(anything(signal))).rejects.toMatchObject(TYPE);
  await expect(connect({ port: 1 }, anything(signal))).rejects.toMatchObject(TYPE);
  await expect(socket.receive(anything(signal))).rejects.toMatchObject({
    ...TYPE,
    message:
      'The "options" argument must be of type object, with the signal in it: { signal }. ' +
      'Received an instance of AbortSignal',
  });
});

test('what cannot be listened to is no signal, and leaves nothing behind', async () => {
  const { ours, theirs } = await pair();
  const half = {
    aborted: false,
    throwIfAborted: () => undefined,
    addEventListener: () => undefined,
  };
  for (const wrong of [
    half,
    { ...half, aborted: undefined, removeEventListener: half.addEventListener },
  ]) {
    const o = anything({ signal: wrong });
    await expect(ours.readSome(o)).rejects.toMatchObject(TYPE);
    await expect(readable(ours, o)).rejects.toMatchObject(TYPE);
  }
  const { listener } = await listening();
  for (const drain of [half, undefined, null]) {
    await expect(listener.close({ drain: anything(drain) })).rejects.toMatchObject(TYPE);
  }
  expect(listener.closed).toBe(false);
  await theirs.write('x');
  expect(String(await ours.readSome())).toBe('x');
});

test('memory that is no Uint8Array is refused by receive', async () => {
  const { socket } = await bound();
  for (const into of [new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), new Int32Array(2)]) {
    await expect(socket.receive(anything(into))).rejects.toMatchObject({
      ...TYPE,
      message: expect.stringContaining('"into" argument') as unknown,
    });
  }
});

test('options behind memory that was left out are not ignored', async () => {
  const { socket } = await bound();
  const receiving = socket.receive(anything(undefined), { signal });
  await expect(receiving).rejects.toMatchObject({
    ...TYPE,
    message: expect.stringContaining('"into" argument') as unknown,
  });
});

// Otherwise the call would change whatever file has the number by then.
test.each<[string, (one: Datagram, o: object) => unknown]>([
  ['ttl', (one, o) => one.configure(o)],
  ['source', (one, o) => one.join('224.0.0.1', o)],
  ['source', (one, o) => one.leave('224.0.0.1', o)],
  ['idle', (one, o) => one.setOption('keepAlive', o)],
])('an option (%s) that closes its socket finds it closed', async (name, use) => {
  const { socket } = await bound();
  const o = Object.defineProperty({}, name, { enumerable: true, get: () => socket.close() });
  expect(() => use(socket, o)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
});

test('what an address sends while it is looked at is another datagram', async () => {
  const { socket, to } = await bound();
  const header = { ttl: 1 };
  let asked = 0;
  const sending = {
    ...to,
    get port() {
      if (asked++ < 3) socket.trySend('inner', to, header);
      return to.port;
    },
  };
  expect(socket.trySend('outer', sending, header)).toBe(true);
  const texts: string[] = [];
  for (let one; (one = socket.tryReceive()) !== null;) texts.push(one.data.toString());
  expect(texts.at(-1)).toBe('outer');
});

test('options of trySend that are none are refused', async () => {
  const { socket, to } = await bound();
  for (const o of [null, 0, '']) {
    expect(() => socket.trySend('x', to, anything(o))).toThrow(expect.objectContaining(TYPE));
  }
  expect(socket.tryReceive()).toBe(null);
});

test('an interface that is named by an address, or that there is not, is named in the error', async () => {
  const { socket } = await bound();
  expect(() => socket.configure({ multicastInterface: '127.0.0.1' })).toThrow(
    "The property 'options.multicastInterface' must be the name or number of an interface, not its " +
      "address. Received '127.0.0.1'",
  );
  expect(() => socket.join('239.1.2.3', { interface: 'iomux9' })).toThrow(
    /^ENODEV: no such device, if_nametoindex iomux9$/,
  );
});

test('an address with a host, or in whose place the options are, says where they belong', async () => {
  const { socket } = await bound();
  const to = anything({ host: '127.0.0.1', port: 9 });
  await expect(socket.send('x', to)).rejects.toMatchObject({
    ...VALUE,
    message: "The property 'to.host' is called address here. Received '127.0.0.1'",
  });
  const raw = tracked(new Socket(AF_INET, SOCK_DGRAM));
  await expect(raw.connect(to)).rejects.toMatchObject({
    ...VALUE,
    message: "The property 'address.host' is called address here. Received '127.0.0.1'",
  });
  const o = anything({ signal: AbortSignal.timeout(1000) });
  const message = /^The property 'to.signal' belongs in the argument after it\./;
  await expect(socket.send('x', o)).rejects.toThrow(message);
  await expect(socket.sendMany(['x'], o)).rejects.toThrow(message);
  await expect(socket.send('x', anything({ ttl: 1 }))).rejects.toThrow("'to.ttl'");
});
