import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { listen } from '../../../dist/net.mjs';
import { serveHttp } from '../../../dist/node.mjs';

/** A server of Node's on a listener of iomux. */
export async function serving(server) {
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  const served = serveHttp(listener, server);
  const { port } = listener.address;
  return {
    port,
    listener,
    /** Resolves when all connections have ended. */
    async close() {
      listener.close();
      server.closeAllConnections?.();
      await served;
    },
  };
}

/** No socket of libuv is open in this process: what it has talked over is ours. */
export function assertWithoutLibuv() {
  const wraps = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
  assert.deepEqual(wraps, []);
}

const execute = promisify(execFile);

/** Runs a program to its end: what it has printed. */
export async function output(command, ...args) {
  const { stdout } = await execute(command, args, { maxBuffer: 2 ** 28 });
  return stdout;
}
