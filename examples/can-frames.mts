// Sends a frame to a CAN bus (Linux), then prints the frames with identifiers 0x100 to 0x1ff that it
// receives. To try it: ip link add dev vcan0 type vcan && ip link set vcan0 up
// Usage: can-frames.mts [INTERFACE]
import { endianness } from 'node:os';
import { AF_CAN, CAN_RAW, CAN_RAW_FILTER, SOCK_RAW, Socket, SOL_CAN_RAW } from 'iomux/socket';

const little = endianness() === 'LE';
const socket = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
// struct can_filter: the identifier, and which of its bits count.
socket.setOption(
  SOL_CAN_RAW,
  CAN_RAW_FILTER,
  new Uint8Array(new Uint32Array([0x100, 0x700]).buffer),
);
socket.bind({ family: 'can', interface: process.argv[2] ?? 'vcan0' });

await socket.send(frame(0x123, Buffer.from('iomux')));

const buffer = Buffer.alloc(16); // struct can_frame
const view = new DataView(buffer.buffer, buffer.byteOffset);
for (;;) {
  try {
    await socket.receive(buffer);
    const identifier = view.getUint32(0, little).toString(16);
    console.log(identifier, buffer.toString('hex', 8, 8 + buffer[4]));
  } catch (error) {
    // ENETDOWN: the interface is down. The socket works again when the interface is up.
    console.log(String(error));
  }
}

function frame(identifier: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, identifier, little);
  bytes[4] = data.length;
  bytes.set(data, 8);
  return bytes;
}
