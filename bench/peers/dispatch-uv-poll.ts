import { countDispatches, loopOn } from './dispatch-window';
import { PollWaiter, uvPoll } from './uv-poll';

countDispatches({
  callbacks: (fd, count) => {
    const poll = uvPoll.open(fd, count);
    return () => {
      uvPoll.close(poll);
    };
  },
  promises: (fd, count) => {
    const waiter = new PollWaiter(fd);
    const stop = loopOn(() => waiter.readable(), count);
    return async () => {
      await stop();
      waiter.close();
    };
  },
});
