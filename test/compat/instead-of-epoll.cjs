// Preloaded: whoever requires npm's `epoll`, from within its own package as well, is given ours.
const Module = require('node:module');

const ours = require.resolve('iomux/compat/epoll');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...others) {
  return /^(epoll|\.\.\/(epoll)?)$/.test(request) ? ours : resolve.call(this, request, ...others);
};
