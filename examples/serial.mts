// A terminal for a serial line: sends the lines that are typed, and prints what it receives, until the
// end of the input (Ctrl-D). Usage: serial.mts [DEVICE [BAUD]]
import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Stream } from 'iomux/net';

const { O_NOCTTY, O_NONBLOCK, O_RDWR } = constants;
const [device = '/dev/ttyUSB0', baud = '115200'] = process.argv.slice(2);

const fd = openSync(device, O_RDWR | O_NOCTTY | O_NONBLOCK); // does not wait for a carrier
// In place of tcsetattr(3): stty configures the device that is its standard input.
execFileSync('stty', [baud, 'raw', '-echo', 'cs8', '-parenb', '-cstopb', 'clocal'], {
  stdio: [fd, 'inherit', 'inherit'],
});
const line = Stream.fromFd(fd);
const input = Stream.fromFd(0);
console.log('talking to', device);

try {
  await Promise.race([send(), receive()]);
} catch (error) {
  console.log(`the device is gone: ${(error as Error).message}`);
}
line.destroy();
await input.close();

async function send(): Promise<void> {
  for (let text; (text = await input.readLine()) !== null;) await line.write(`${text}\r\n`);
}

async function receive(): Promise<void> {
  for await (const chunk of line) process.stdout.write(chunk);
}
