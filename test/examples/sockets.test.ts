import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { listen } from '../../lib/net';
import { AF_UNIX, SOCK_DGRAM, Socket } from '../../lib/socket';
import { feedExample, programOf, runExample, startExample } from '../support/example';
import { pythonReceiver } from '../support/python-receiver';

const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
/** On macOS they are refused; see test/conformance/registration.ts. */
const noFifos = process.platform === 'darwin';
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What reads and writes lines, at the other end. */
class Peer {
  readonly #lines: AsyncIterator<string>;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    this.#lines = createInterface(input)[Symbol.asyncIterator]();
    this.#output = output;
  }

  say(line: string): void {
    this.#output.write(`${line}\n`);
  }

  async hear(): Promise<unknown> {
    return (await this.#lines.next()).value;
  }
}

test('examples/line-client talks with examples/echo/streams', async () => {
  await using server = await startExample('echo/streams', '0');
  const target = `127.0.0.1:${server.port}`;
  expect(await feedExample('line-client', 'one\nzwei: ü\n', target)).toBe('one\nzwei: ü\n');
});

async function enter(person: Peer, name: string): Promise<void> {
  expect(await person.hear()).toBe('What is your name?');
  person.say(name);
  expect(await person.hear()).toBe(`Hello, ${name}!`);
}

const hasNc = String(spawnSync('nc', ['-h']).stderr).includes('OpenBSD');

test('examples/chat tells the others what one says, and puts out who does not listen', async () => {
  const path = join(folder, 'chat');
  {
    await using chat = await startExample('chat', path);
    expect(chat.line).toBe(`chatting at ${path}`);
    const sockets = [connect(path), connect(path), connect(path)] as const;
    const [ada, bob, eve] = sockets.map((socket) => new Peer(socket, socket)) as [Peer, Peer, Peer];
    await enter(ada, 'Ada');
    await enter(bob, 'Bob');
    expect(await ada.hear()).toBe('Bob is here');
    ada.say('Hello!');
    expect(await bob.hear()).toBe('Ada: Hello!');

    await enter(eve, 'Eve');
    expect(await ada.hear()).toBe('Eve is here');
    sockets[2].pause();
    const long = 'x'.repeat(10_000);
    expect(await bob.hear()).toBe('Eve is here');
    // Bob keeps up, or he would be put out as well.
    for (let i = 0; i < 500; i++) {
      ada.say(long);
      expect([`Ada: ${long}`, 'Eve has left']).toContain(await bob.hear());
    }
    expect(await ada.hear()).toBe('Eve has left');
    for (const socket of sockets) socket.destroy();
  }
  expect(existsSync(path)).toBe(false);
});

test.runIf(hasNc)('examples/chat talks with nc', async () => {
  const path = join(folder, 'nc');
  await using chat = await startExample('chat', path);
  expect(chat.line).toBe(`chatting at ${path}`);
  const children = ['Ada', 'Bob'].map(() => spawn('nc', ['-U', path]));
  const [ada, bob] = children.map(({ stdin, stdout }) => new Peer(stdout, stdin)) as [Peer, Peer];
  const ended = children.map((child) => once(child, 'exit'));
  try {
    await enter(ada, 'Ada');
    await enter(bob, 'Bob');
    expect(await ada.hear()).toBe('Bob is here');
    bob.say('Hello!');
    expect(await ada.hear()).toBe('Bob: Hello!');
  } finally {
    for (const child of children) child.kill();
    await Promise.all(ended);
  }
});

test.skipIf(noFifos)(
  'examples/named-pipe prints what is written to a pipe, until it is interrupted',
  async () => {
    const path = join(folder, 'fifo');
    await using pipe = await startExample('named-pipe', path);
    const ended = once(pipe.child, 'exit');
    expect(pipe.line).toBe(`reading ${path}`);
    // Writers come and go.
    for (const line of ['one', 'two']) {
      appendFileSync(path, `${line}\n`);
      expect(await pipe.next()).toBe(line);
    }
    pipe.child.kill('SIGINT');
    expect(await pipe.next()).toMatch(/^the end: /);
    expect(await ended).toEqual([0, null]);
  },
);

test('examples/sd-notify tells the service manager, as sd_notify does', async () => {
  const path = join(folder, 'notify');
  for (const states of [[], ['STOPPING=1', 'STATUS=on its way']]) {
    const { received } = await pythonReceiver(1, { path });
    vi.stubEnv('NOTIFY_SOCKET', path);
    expect(await runExample('sd-notify', ...states)).toBe('');
    expect(await received).toEqual([states.length > 0 ? states.join('\n') : 'READY=1']);
    rmSync(path);
  }
  vi.stubEnv('NOTIFY_SOCKET', undefined);
  expect(await runExample('sd-notify')).toBe('NOTIFY_SOCKET is not set: nobody wants to know\n');
});

test.runIf(process.platform === 'linux')(
  'examples/sd-notify reaches an abstract name',
  async () => {
    using manager = new Socket(AF_UNIX, SOCK_DGRAM);
    manager.bind({ path: `\0iomux\u2603${process.pid}` });
    const buffer = Buffer.alloc(64);
    const received = manager.receive(buffer);
    vi.stubEnv('NOTIFY_SOCKET', `@iomux\u2603${process.pid}`);
    expect(await runExample('sd-notify', 'READY=1')).toBe('');
    expect(buffer.toString('utf8', 0, await received)).toBe('READY=1');
  },
);

describe('examples/socket-activation', () => {
  async function askForName(socket: ReturnType<typeof connect>): Promise<string> {
    expect(String((await once(socket, 'data'))[0])).toBe('What is your name? ');
    socket.write('Ada\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return String(answer);
  }

  test('says hello on a socket of its own', async () => {
    const path = join(folder, 'hello');
    await using server = await startExample('socket-activation', path);
    expect(server.line).toBe(`listening on ${path}`);
    expect(await askForName(connect(path))).toBe('Hello, Ada!\n');
  });

  test('says hello on the sockets that it is started with', async () => {
    using listener = await listen({ host: '127.0.0.1', port: 0 });
    const command = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$1"';
    const args = ['-c', command, process.execPath, programOf('socket-activation')];
    const child = spawn('sh', args, {
      stdio: ['ignore', 'pipe', 'inherit', listener.fd],
    });
    const ended = once(child, 'exit');
    const { port } = listener.address;
    listener.close(); // the other process has its own
    expect(await askForName(connect(port, '127.0.0.1'))).toBe('Hello, Ada!\n');
    child.kill();
    expect(await ended).toEqual([0, null]);
  });
});
