// Tells systemd that a service is ready, as sd_notify(3) does: a datagram to $NOTIFY_SOCKET.
// Usage: sd-notify.mts [STATE...], in a unit of Type=notify
import { AF_UNIX, SOCK_DGRAM, Socket } from 'iomux/socket';

const name = process.env['NOTIFY_SOCKET'];
if (name === undefined) {
  console.log('NOTIFY_SOCKET is not set: nobody wants to know');
} else {
  const states = process.argv.slice(2);
  const socket = new Socket(AF_UNIX, SOCK_DGRAM);
  // An abstract name begins with a NUL byte, written as @.
  const path = name.replace(/^@/, '\0');
  await socket.sendTo((states.length > 0 ? states : ['READY=1']).join('\n'), { path });
  socket.close();
}
