import { nativeProgram, script } from './programs';

// The names of the echo servers in the tables.
export const IOMUX = 'iomux promises';
export const NET = 'node:net';
export const ONREAD = 'node:net onread';
export const LIBUV = 'C on libuv';
export const LIMIT = 'C on epoll';

type Name = typeof IOMUX | typeof NET | typeof ONREAD | typeof LIBUV | typeof LIMIT;

/** The commands of those servers, by their names; each takes its address as the last argument. */
export function echoServers(
  node: string,
  names: readonly Name[] = [IOMUX, NET, LIBUV, LIMIT],
): Record<string, readonly string[]> {
  const commands: Readonly<Record<Name, readonly string[]>> = {
    [IOMUX]: [node, script('servers/echo-iomux')],
    [NET]: [node, script('servers/echo-net')],
    [ONREAD]: [node, script('servers/echo-net-onread')],
    [LIBUV]: [node, script('servers/echo-uv')],
    [LIMIT]: [nativeProgram('echo_epoll')],
  };
  return Object.fromEntries(names.map((name) => [name, commands[name]]));
}
