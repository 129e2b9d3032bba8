import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readable } from '../../lib/index';
import { AF_CAN, CAN_RAW, SOCK_RAW, Socket } from '../../lib/socket';
import { pty, pipe, close } from '../support/descriptors';
import { runExample, spawnExample, startExample } from '../support/example';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;

async function readText(fd: number, length: number): Promise<string> {
  const buffer = Buffer.alloc(256);
  let end = 0;
  while (end < length) {
    await readable(fd);
    end += readSync(fd, buffer, end, buffer.length - end, null);
  }
  return buffer.toString('utf8', 0, end);
}

describe.runIf(isLinux)('a serial line', () => {
  test('examples/serial sends what is typed and prints what comes', async () => {
    const [device, terminal] = pty();
    const path = readlinkSync(`/proc/self/fd/${terminal}`);
    await using serial = await startExample('serial', path, '9600');
    const ended = once(serial.child, 'exit');
    expect(serial.line).toBe(`talking to ${path}`);
    // Every byte as it is, and none of them echoed: neither end may add or take any.
    serial.child.stdin.write('AT\u0003\n');
    expect(await readText(device, 5)).toBe('AT\u0003\r\n');
    writeSync(device, 'OK\n');
    expect(await serial.next()).toBe('OK');
    serial.child.stdin.end('ATZ\n');
    expect(await readText(device, 5)).toBe('ATZ\r\n');
    expect(await ended).toEqual([0, null]);
  });
});

test('examples/gpio-events tells which line rises and falls, and what was lost', async () => {
  // The descriptor of lines answers with these structures, and so does the pipe.
  const events = [
    { nanoseconds: 1_500_000n, id: 1, line: 17, number: 1 },
    { nanoseconds: 2_000_001_000n, id: 2, line: 17, number: 2 },
    { nanoseconds: 3_000_000_000n, id: 1, line: 27, number: 5 },
  ].map(({ nanoseconds, id, line, number }) => {
    const view = new DataView(new ArrayBuffer(48));
    const little = endianness() === 'LE';
    view.setBigUint64(0, nanoseconds, little);
    [id, line, number, number].forEach((each, i) => view.setUint32(8 + 4 * i, each, little));
    return Buffer.from(view.buffer);
  });
  const [reader, writer] = pipe();
  const child = spawnExample('gpio-events', [], [reader]);
  close(reader);
  for (const event of events) writeSync(writer, event);
  close(writer);
  expect(await text(child.stdout)).toBe(
    [
      '0.001500: line 17 rises',
      '2.000001: line 17 falls',
      '2 events were lost',
      '3.000000: line 27 rises',
      'no more events: The stream ended after 0 bytes, before the 48 bytes',
      '',
    ].join('\n'),
  );
});

test.runIf(isLinux)('examples/network-interfaces names those that the system has', async () => {
  const lines = (await runExample('network-interfaces')).trimEnd().split('\n');
  const names = lines.map((line) => /^\d+: (\S+) (?:up|down)$/.exec(line)?.[1]);
  expect(names.sort()).toEqual(readdirSync('/sys/class/net').sort());
  expect(lines.some((line) => line.endsWith(': lo up'))).toBe(true);
});

test.runIf(isRoot)('examples/ping says how long the answers took', async () => {
  const output = await runExample('ping', '127.0.0.1', '2');
  expect(output).toMatch(/^127\.0\.0\.1: 1 in [\d.]+ ms\n127\.0\.0\.1: 2 in [\d.]+ ms\n$/);
});

/** Why there is no log to read; undefined if there is. */
function lacksLog(): string | undefined {
  try {
    closeSync(openSync('/dev/kmsg', 'r+'));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const noLog = lacksLog();
test.skipIf(noLog)(`examples/kernel-log follows the log (${noLog ?? 'there is one'})`, async () => {
  await using log = await startExample('kernel-log');
  const mark = `iomux test ${process.pid}`;
  const fd = openSync('/dev/kmsg', 'w');
  writeSync(fd, `${mark}\n`); // without the newline, the kernel waits for more of it
  closeSync(fd);
  let { line } = log;
  while (!line.endsWith(mark)) {
    expect(line).toMatch(/^\[\d+\.\d{6}\] /);
    line = await log.next();
  }
});

const bus = 'vcan8';
const hasCan = isLinux && spawnSync('ip', ['link', 'add', 'dev', bus, 'type', 'vcan']).status === 0;
if (hasCan) execFileSync('ip', ['link', 'del', bus]);
test.runIf(hasCan)('examples/can-frames sends a frame, and prints those it wants', async () => {
  const run = promisify(execFile);
  await run('ip', ['link', 'add', 'dev', bus, 'type', 'vcan']);
  try {
    await run('ip', ['link', 'set', bus, 'up']);
    using other = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
    other.bind({ family: 'can', interface: bus });
    const starting = startExample('can-frames', bus);
    const frame = Buffer.alloc(16);
    await other.receive(frame);
    const view = new DataView(frame.buffer, frame.byteOffset);
    const little = endianness() === 'LE';
    expect(view.getUint32(0, little)).toBe(0x123);
    expect(frame.toString('utf8', 8, 8 + frame[4])).toBe('iomux');
    for (const identifier of [0x250, 0x150]) {
      view.setUint32(0, identifier, little);
      await other.send(frame);
    }
    await using example = await starting;
    expect(example.line).toBe(`150 ${Buffer.from('iomux').toString('hex')}`);
  } finally {
    await run('ip', ['link', 'del', bus]);
  }
});
