// Preloaded: replaces npm's `epoll` by ours for all that require it, its own package included.
const Module = require('node:module');

const ours = require.resolve('iomux/compat/epoll');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...others) {
  return /^(epoll|\.\.\/(epoll)?)$/.test(request) ? ours : resolve.call(this, request, ...others);
};
