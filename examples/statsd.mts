// Sends metrics to statsd over UDP, or to DogStatsD over its Unix socket, which loses none.
// Usage: statsd.mts HOST:PORT|PATH METRIC..., such as: statsd.mts localhost:8125 'requests:1|c' 'load:0.7|g'
import { Datagram } from 'iomux/net';

/** In bytes; fits into one Ethernet packet. */
const LONGEST = 1432;

const [target = '', ...metrics] = process.argv.slice(2);
const address = /^(.+):(\d+)$/.exec(target);
const statsd = await Datagram.connect(
  address === null ? { path: target } : { host: address[1], port: Number(address[2]), family: 4 },
);

// Each datagram has as many lines as fit.
const datagrams: string[] = [];
let lines = '';
for (const metric of metrics) {
  const longer = lines === '' ? metric : `${lines}\n${metric}`;
  if (lines !== '' && Buffer.byteLength(longer) > LONGEST) datagrams.push(lines);
  lines = datagrams.at(-1) === lines ? metric : longer;
}
await statsd.sendMany([...datagrams, lines]);
console.log(`${metrics.length} metrics in ${datagrams.length + 1} datagrams`);
statsd.close();
