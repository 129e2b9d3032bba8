import { reactor, readable } from '../../lib/index';
import { checkForLeaks, descriptors } from './descriptors';

// The default reactor opens its multiplexer when it first waits, and keeps it open.
const [reader, writer] = descriptors.pipe();
const waiting = readable(reader).catch(() => undefined);
reactor.notifyClosing(reader);
await waiting;
descriptors.close(reader);
descriptors.close(writer);

checkForLeaks();
