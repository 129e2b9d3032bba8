import { calledBack, countRing } from './ring-runs';
import { uvPoll } from './uv-poll';

countRing({
  callbacks: (ring) => calledBack(ring, (fd, callback) => uvPoll.open(fd, callback)),
});
