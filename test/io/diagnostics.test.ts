import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test } from 'vitest';
import { connect, Stream } from '../../lib/net';
import { inChild } from '../support/child';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { fromNode, listening, pair } from './peers';

interface Message {
  readonly stream?: Stream;
  readonly listener?: unknown;
  readonly fd?: number;
  readonly reason?: unknown;
  readonly error?: unknown;
}

const subscribed: [name: string, onMessage: (message: unknown) => void][] = [];

/** Collects what is published until the end of the test. */
function published(...events: string[]): [event: string, message: Message][] {
  const messages: [string, Message][] = [];
  for (const event of events) {
    const onMessage = (message: unknown): void => void messages.push([event, message as Message]);
    subscribed.push([`iomux:stream:${event}`, onMessage]);
    subscribe(`iomux:stream:${event}`, onMessage);
  }
  return messages;
}

afterEach(() => {
  for (const one of subscribed.splice(0)) unsubscribe(...one);
});

describe('diagnostics_channel', () => {
  test('is told of a connection at both ends, and of its close', async () => {
    const { listener, port } = await listening();
    const messages = published('connect', 'accept', 'close', 'error');
    const [ours, theirs] = await Promise.all([
      connect({ host: '127.0.0.1', port }),
      listener.accept(),
    ]);
    const [accepted, connected] = messages.sort(([a], [b]) => (a < b ? -1 : 1));
    expect(accepted).toEqual(['accept', { stream: theirs, listener }]);
    expect(connected).toEqual(['connect', { stream: ours }]);
    const { fd } = ours;
    await ours.close();
    ours.destroy();
    const reason = new Error('enough');
    const other = theirs.fd;
    theirs.destroy(reason);
    expect(messages.slice(2)).toEqual([
      ['close', { stream: ours, fd, reason: undefined }],
      ['close', { stream: theirs, fd: other, reason }],
    ]);
  });

  test('is told of a read and of a write that have failed', async () => {
    const { stream, socket } = await fromNode();
    const messages = published('error');
    socket.resetAndDestroy();
    const error = await stream.readSome().catch((thrown: unknown) => thrown);
    const second = await stream.write('x').catch((thrown: unknown) => thrown);
    expect(messages).toEqual([
      ['error', { error, fd: stream.fd }],
      ['error', { error: second, fd: stream.fd }],
    ]);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(second).toMatchObject({ code: 'EPIPE' });
  });

  test('is told nothing of a descriptor that was taken over but its close', () => {
    const messages = published('connect', 'accept', 'close', 'error');
    const [ours, theirs] = descriptors.tcpPair().map((fd) => tracked(Stream.fromFd(fd)));
    ours.destroy();
    theirs.destroy();
    expect(messages.map(([event]) => event)).toEqual(['close', 'close']);
  });

  test('may be left again', async () => {
    const messages = published('close');
    const { ours, theirs } = await pair();
    ours.destroy();
    for (const one of subscribed.splice(0)) unsubscribe(...one);
    theirs.destroy();
    expect(messages).toHaveLength(1);
  });
});

describe('a subscriber that destroys the stream that has failed', () => {
  test('leaves whoever waits for another one waiting', async () => {
    const outcome = await inChild(async ({ net, descriptors, later }) => {
      const { subscribe: listenTo } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      const [ours, theirs, reader, writer] = [descriptors.tcpPair(), descriptors.tcpPair()]
        .flat()
        .map((fd) => net.Stream.fromFd(fd));
      listenTo('iomux:stream:error', () => ours.destroy());
      const writing = ours.write(Buffer.alloc(32 << 20)).catch((error: unknown) => error);
      theirs.setOption('linger', 0);
      theirs.destroy();
      const { code } = (await writing) as { code: string };
      setTimeout(() => void writer.write('late'), later).unref();
      return [code, String(await reader.readSome())];
    });
    expect(outcome).toMatchObject({ code: 0, result: ['ERR_CLOSED', 'late'] });
  });
});

describe('NODE_DEBUG=iomux', () => {
  const script = async ({ net }: { net: typeof import('../../lib/net') }): Promise<number[]> => {
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const [ours, theirs] = await Promise.all([
      net.connect({ host: '127.0.0.1', port }),
      listener.accept(),
    ]);
    const fds = [ours.fd, theirs.fd];
    await ours.write('hello');
    await theirs.readSome();
    await theirs.close();
    ours.destroy(new Error('enough'));
    listener.close();
    return [port, ...fds];
  };

  test('says on the standard error what happens', async () => {
    const outcome = await inChild(script, { env: { NODE_DEBUG: 'iomux' } });
    const [port, ours, theirs] = outcome.result as number[];
    const lines = outcome.stderr.replace(/^IOMUX \d+: /gm, '');
    expect(lines).toContain(`connect: ${ours} to { address: '127.0.0.1', port: ${port}`);
    expect(lines).toContain(`accept: ${theirs} from { address: '127.0.0.1'`);
    expect(lines).toContain(`close: ${theirs}, 5 bytes in, 0 bytes out`);
    expect(lines).toContain(`close: ${ours}, 0 bytes in, 5 bytes out Error: enough`);
  });

  test('is needed for that', async () => {
    const outcome = await inChild(script, { env: { NODE_DEBUG: 'net_of_others' } });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });
});
