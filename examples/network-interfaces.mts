// Asks the kernel for its network interfaces by netlink(7), as `ip link` does (Linux).
import { endianness } from 'node:os';
import { AF_NETLINK, NETLINK_ROUTE, SOCK_RAW, Socket } from 'iomux/socket';

const RTM_GETLINK = 18;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_DONE = 3;
const IFLA_IFNAME = 3;
const little = endianness() === 'LE';
const aligned = (length: number): number => (length + 3) & ~3;

const socket = new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
const request = new DataView(new ArrayBuffer(32)); // struct nlmsghdr, struct ifinfomsg
request.setUint32(0, request.byteLength, little);
request.setUint16(4, RTM_GETLINK, little);
request.setUint16(6, NLM_F_REQUEST_DUMP, little);
await socket.sendTo(new Uint8Array(request.buffer), { family: 'netlink', port: 0, groups: 0 });

const buffer = Buffer.alloc(65536);
const view = new DataView(buffer.buffer, buffer.byteOffset);
for (let done = false; !done;) {
  const count = await socket.receive(buffer);
  for (let at = 0; at < count && !done; at += aligned(view.getUint32(at, little))) {
    done = view.getUint16(at + 4, little) === NLMSG_DONE;
    if (!done) print(at, at + view.getUint32(at, little));
  }
}
socket.close();

function print(at: number, end: number): void {
  const [index, up] = [view.getInt32(at + 20, little), view.getUint32(at + 24, little) & 1];
  for (let i = at + 32; i < end; i += aligned(view.getUint16(i, little))) {
    if (view.getUint16(i + 2, little) !== IFLA_IFNAME) continue;
    const name = buffer.toString('utf8', i + 4, i + view.getUint16(i, little) - 1);
    console.log(`${index}: ${name} ${up === 1 ? 'up' : 'down'}`);
  }
}
