import { READABLE, readable, register } from 'iomux';

import { countDispatches, loopOn } from './dispatch-window';

countDispatches({
  callbacks: (fd, count) => {
    const registration = register(fd, READABLE, count);
    return () => {
      registration.close();
    };
  },
  promises: (fd, count) => loopOn(() => readable(fd), count),
});
