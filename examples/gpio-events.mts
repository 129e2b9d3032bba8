// Prints when GPIO lines rise and fall, using the character device, version 2 (Linux 5.10). The lines are
// requested by an ioctl, which neither Node nor iomux has: another program does that, and passes the
// descriptor as number 3. In Python, with the gpiod package, version 2:
//   config = {17: gpiod.LineSettings(edge_detection=gpiod.line.Edge.BOTH)}
//   os.dup2(gpiod.request_lines('/dev/gpiochip0', config=config).fd, 3)
//   os.execvp('node', ['node', 'gpio-events.mts'])
import { endianness } from 'node:os';
import { Stream } from 'iomux/net';

// struct gpio_v2_line_event of <linux/gpio.h>
const SIZE = 48;
const RISING_EDGE = 1;
const little = endianness() === 'LE';

const lines = Stream.fromFd(3);
let last = 0;
for (;;) {
  let event: Buffer;
  try {
    event = await lines.readExactly(SIZE);
  } catch (error) {
    console.log(`no more events: ${(error as Error).message}`); // the chip is gone
    break;
  }
  const view = new DataView(event.buffer, event.byteOffset, SIZE);
  const seconds = Number(view.getBigUint64(0, little)) / 1e9;
  const edge = view.getUint32(8, little) === RISING_EDGE ? 'rises' : 'falls';
  const number = view.getUint32(16, little); // counts from 1, over all requested lines
  if (number !== last + 1) console.log(`${number - last - 1} events were lost`);
  last = number;
  console.log(`${seconds.toFixed(6)}: line ${view.getUint32(12, little)} ${edge}`);
}
await lines.close();
