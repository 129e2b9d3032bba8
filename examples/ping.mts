// Sends ICMP echo requests, as root, and prints how long the answers took.
// Usage: ping.mts [ADDRESS [COUNT]]
import { setTimeout as sleep } from 'node:timers/promises';
import { AF_INET, IPPROTO_ICMP, SOCK_RAW, Socket } from 'iomux/socket';

const [address = '127.0.0.1', count = '3'] = process.argv.slice(2);
const socket = new Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
await socket.connect({ address, port: 0, family: 'IPv4' }); // excludes answers from other hosts
const answer = Buffer.alloc(1500);

for (let sequence = 1; sequence <= Number(count); sequence++) {
  const started = performance.now();
  await socket.send(echoRequest(sequence));
  try {
    while (
      !isAnswer(await socket.receive(answer, { signal: AbortSignal.timeout(1000) }), sequence)
    );
    console.log(`${address}: ${sequence} in ${(performance.now() - started).toFixed(2)} ms`);
  } catch (error) {
    console.log(`${address}: ${sequence}: ${String(error)}`);
  }
  if (sequence < Number(count)) await sleep(100);
}
socket.close();

function echoRequest(sequence: number): Buffer {
  const packet = Buffer.alloc(16);
  packet.writeUInt8(8, 0); // the type: an echo request
  packet.writeUInt16BE(process.pid & 0xffff, 4);
  packet.writeUInt16BE(sequence, 6);
  const sum = 0x0800 + packet.readUInt16BE(4) + sequence;
  packet.writeUInt16BE(~((sum & 0xffff) + (sum >> 16)) & 0xffff, 2);
  return packet;
}

function isAnswer(length: number, sequence: number): boolean {
  const icmp = answer.subarray((answer[0] & 15) * 4, length); // after the IP header
  const ours = icmp.readUInt16BE(4) === (process.pid & 0xffff);
  return icmp[0] === 0 && ours && icmp.readUInt16BE(6) === sequence;
}
