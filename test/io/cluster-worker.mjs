// A worker of node:cluster that serves with its number. See listener-shared.test.ts.
import cluster from 'node:cluster';
import { listen } from 'iomux/net';

const listener = await listen(JSON.parse(process.argv[2]));
process.send('listens');
await listener.serve((stream) => stream.write(String(cluster.worker.id)));
