import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { feedExample, runExample } from '../support/example';
import { pythonReceiver } from '../support/python-receiver';

const folder = mkdtempSync(join(tmpdir(), 'iomux-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('examples/statsd sends metrics in lines, as many as fit into a datagram', async () => {
  const metrics = Array.from({ length: 300 }, (_, i) => `counter.${i}:${i}|c`);
  const path = join(folder, 'statsd');
  for (const o of [{}, { path }]) {
    const { port, received } = await pythonReceiver(4, o);
    const target = 'path' in o ? path : `127.0.0.1:${port}`;
    expect(await runExample('statsd', target, ...metrics)).toBe('300 metrics in 4 datagrams\n');
    const datagrams = await received;
    expect(datagrams.join('\n').split('\n')).toEqual(metrics);
    for (const datagram of datagrams) expect(datagram.length).toBeLessThanOrEqual(1432);
  }
});

test('examples/syslog logs lines by RFC 5424', async () => {
  const path = join(folder, 'log');
  const { received } = await pythonReceiver(2, { path });
  const output = await feedExample('syslog', 'first line\nzweite Zeile: ü\n', path, 'tag');
  expect(output).toBe('');
  const pattern = /^<13>1 (\S+) (\S+) tag (\d+) - - (.*)$/;
  const parsed = (await received).map((message) => pattern.exec(message)?.slice(1));
  for (const [time = '', host] of parsed.map((fields) => fields ?? [])) {
    expect(new Date(time).toISOString()).toBe(time);
    expect(host).toBe(hostname());
  }
  expect(parsed.map((fields) => fields?.[3])).toEqual(['first line', 'zweite Zeile: ü']);
});
