import { calledBack, countRing } from './ring-runs';
import { uvPoll } from './uv-poll';

void countRing({
  callbacks: (ring) => calledBack(ring, (fd, callback) => uvPoll.open(fd, callback)),
});
