import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startExample } from '../support/example';

const run = promisify(execFile);

test('examples/http-hello answers curl by its routes, and ends when it is asked to', async () => {
  await using server = await startExample('http-hello', '0');
  const ended = once(server.child, 'exit');
  const url = `http://127.0.0.1:${server.port}`;
  const args = ['--silent', '--show-error', '--max-time', '8', '--noproxy', '*'];
  const paths = [
    '/',
    '/hello/Ada',
    '/hello/J%C3%BCrgen?x=1',
    '/hello/%zz',
    '/hello/',
    '/hello/a/b',
  ];
  // One connection for all of them.
  const { stdout } = await run(
    'curl',
    [...args, '--write-out', '%{http_code} %{num_connects}\n', ...paths.map((path) => url + path)],
    // Not under the sanitizer that this process may be under.
    { env: { ...process.env, LD_PRELOAD: '' } },
  );
  expect(stdout.trimEnd().split('\n')).toEqual([
    ...['Try /hello/ and your name.', '200 1'],
    ...['Hello, Ada!', '200 0'],
    ...['Hello, Jürgen!', '200 0'],
    ...['That is no name.', '400 0'],
    ...['There is nothing here.', '404 0'],
    ...['There is nothing here.', '404 0'],
  ]);
  const response = await fetch(`${url}/`, { method: 'POST' });
  expect([response.status, await response.text()]).toEqual([405, 'Only GET is known here.\n']);
  server.child.kill('SIGINT');
  expect(await server.next()).toBe('closed');
  expect(await ended).toEqual([0, null]);
});
