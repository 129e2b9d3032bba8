import { listenOptions, serveUntilInputEnds } from './lifecycle';

/** The part of Bun's API that is used here. `write` returns how many bytes the kernel has taken. */
interface BunSocket {
  data: Uint8Array;
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): boolean;
}

interface Bun {
  listen(options: {
    hostname: string;
    port: number;
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, chunk: Uint8Array): void;
      drain(socket: BunSocket): void;
    };
  }): { port: number };
}

const NOTHING = new Uint8Array(0);

/** Writes, and stops reading until the kernel has taken all of it. */
function write(socket: BunSocket, bytes: Uint8Array): void {
  const written = Math.max(0, socket.write(bytes));
  socket.data = bytes.subarray(written);
  if (written < bytes.length) socket.pause();
}

function main(): void {
  const bun = (globalThis as unknown as { Bun: Bun }).Bun;
  const options = listenOptions(process.argv[2] ?? '0');
  if (!('port' in options)) throw new Error('This server is for TCP');
  const { port } = bun.listen({
    hostname: options.host,
    port: options.port,
    socket: {
      open: (socket) => {
        socket.data = NOTHING;
        socket.setNoDelay(true);
      },
      data: (socket, chunk) => {
        // Bun reuses the buffer, so what is left has to be copied.
        write(socket, chunk);
        if (socket.data.length > 0) socket.data = socket.data.slice();
      },
      drain: (socket) => {
        if (socket.data.length === 0) return;
        write(socket, socket.data);
        if (socket.data.length === 0) socket.resume();
      },
    },
  });
  serveUntilInputEnds({ port });
}

main();
