# What the benchmarks need in C++: the load generator, the limits, and the peers that only C++ can be.
# Never shipped, and shares no code with the addon it judges.
{
  'target_defaults': {
    'cflags_cc': ['-Wall', '-Wextra', '-Wconversion'],
    'include_dirs': ['.'],
  },
  'conditions': [
    # Everything here is epoll or eventfd. A kqueue variant belongs here once there is a machine to measure it on.
    ['OS=="linux"', {
      'targets': [
        {
          'target_name': 'load',
          'type': 'executable',
          'sources': ['load/main.cc', 'load/connection.cc', 'load/load.cc'],
        },
        { 'target_name': 'http_load', 'type': 'executable', 'sources': ['http/http_load.cc'] },
        {
          'target_name': 'hold',
          'type': 'executable',
          'sources': ['load/hold.cc', 'load/connection.cc', 'load/load.cc'],
        },
        { 'target_name': 'echo_epoll', 'type': 'executable', 'sources': ['echo_epoll.cc'] },
        { 'target_name': 'connector', 'type': 'executable', 'sources': ['accept/connector.cc'] },
        { 'target_name': 'acceptor', 'type': 'executable', 'sources': ['accept/acceptor.cc'] },
        { 'target_name': 'bulk_source', 'type': 'executable', 'sources': ['bulk/source.cc'] },
        { 'target_name': 'bulk_sink', 'type': 'executable', 'sources': ['bulk/sink.cc'] },
        { 'target_name': 'splice_proxy', 'type': 'executable', 'sources': ['proxy/splice_proxy.cc'] },
        { 'target_name': 'datagram_source', 'type': 'executable', 'sources': ['datagram/source.cc'] },
        { 'target_name': 'datagram_sink', 'type': 'executable', 'sources': ['datagram/sink.cc'] },
        { 'target_name': 'epoll_wait_rate', 'type': 'executable', 'sources': ['epoll_wait_rate.cc'] },
        { 'target_name': 'ring_epoll', 'type': 'executable', 'sources': ['ring/ring_epoll.cc'] },
        { 'target_name': 'pairs', 'sources': ['ring/pairs.cc'] },
        { 'target_name': 'echo_uv', 'sources': ['echo_uv.cc'] },
        { 'target_name': 'uv_poll', 'sources': ['uv_poll.cc'] },
        { 'target_name': 'entries', 'sources': ['entries.cc'] },
        { 'target_name': 'own_network', 'sources': ['own_network.cc'] },
      ],
    }, {
      'targets': [],
    }],
  ],
}
