{
  'variables': {
    # The backend of the addon, chosen here and nowhere else in C++.
    'multiplexer%': '<!(node -p "process.platform === \'linux\' ? \'epoll\' : \'kqueue\'")',
    # `address` or `thread` builds with that sanitizer, for the tests.
    'sanitizer%': '',
  },
  'targets': [
    {
      'target_name': 'iomux',
      'sources': [
        'native/addon.cc',
        'native/binding/datagram_functions.cc',
        'native/binding/delivery.cc',
        'native/binding/environment.cc',
        'native/binding/file_watch_functions.cc',
        'native/binding/io_functions.cc',
        'native/binding/libuv_signals.cc',
        'native/binding/loop_watch.cc',
        'native/binding/message_functions.cc',
        'native/binding/poll_functions.cc',
        'native/binding/process_functions.cc',
        'native/binding/signal_watch.cc',
        'native/binding/socket_constants.cc',
        'native/binding/socket_functions.cc',
        'native/binding/thread_watch.cc',
        'native/binding/transfer_functions.cc',
        'native/binding/waker_functions.cc',
        'native/sys/address.cc',
        'native/sys/blocking_modes.cc',
        'native/sys/child_status.cc',
        'native/sys/datagram.cc',
        'native/sys/dispositions.cc',
        'native/sys/io.cc',
        'native/sys/message.cc',
        'native/sys/poll.cc',
        'native/sys/shared_wakers.cc',
        'native/sys/signal_listener.cc',
        'native/sys/socket.cc',
        'native/sys/transfer.cc',
      ],
      'include_dirs': [
        '.',
        '<!(node -p "require(\'node-addon-api\').include_dir")',
      ],
      'defines': [
        'NAPI_VERSION=8',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        # In a Worker that is being terminated every call fails, which must not abort the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      # Like the prebuilt binaries: no slower than -O3, with a third of its code, which is resident memory.
      'cflags': ['-Os', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'cflags!': ['-O3'],
      'cflags_cc': ['-std=c++17', '-fno-exceptions', '-fno-rtti'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
        'CLANG_CXX_LIBRARY': 'libc++',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
        'GCC_ENABLE_CPP_RTTI': 'NO',
        'GCC_OPTIMIZATION_LEVEL': 's',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
        'OTHER_CFLAGS': ['-Wall', '-Wextra'],
      },
      'conditions': [
        ['multiplexer=="epoll"', {
          'sources': [
            'native/binding/epoll_functions.cc',
            'native/binding/pidfd_functions.cc',
            'native/binding/timer_functions.cc',
            'native/epoll/epoll.cc',
            'native/sys/pidfd_linux.cc',
            'native/sys/timer_linux.cc',
            'native/sys/waker_linux.cc',
          ],
        }],
        ['multiplexer=="kqueue"', {
          'sources': [
            'native/binding/kqueue_functions.cc',
            'native/kqueue/kqueue.cc',
            'native/sys/waker_pipe.cc',
          ],
          'conditions': [
            # Only for the tests: an emulation, which has a thread that outlives the addon.
            ['OS=="linux"', {
              'cflags': ['<!@(pkg-config --cflags libkqueue)'],
              'libraries': ['<!@(pkg-config --libs libkqueue)'],
              'ldflags': ['-Wl,-z,nodelete'],
            }],
          ],
        }],
        # Darwin has no system calls for many datagrams at once, does not close received descriptors for
        # which there is no room, and has a sendfile(2) of its own.
        ['OS=="mac"', {
          'sources': [
            'native/sys/datagram_loop.cc',
            'native/sys/rights_darwin.cc',
            'native/sys/transfer_darwin.cc',
          ],
        }, {
          'sources': ['native/sys/datagram_mmsg.cc', 'native/sys/rights_closed.cc'],
        }],
        ['OS!="linux" and OS!="mac"', {
          'sources': ['native/sys/transfer_freebsd.cc'],
        }],
        ['OS=="linux"', {
          'sources': [
            'native/binding/socket_constants_linux.cc',
            'native/sys/credentials_linux.cc',
            'native/sys/datagram_control_linux.cc',
            'native/sys/file_watch_linux.cc',
            'native/sys/signal_record_linux.cc',
            'native/sys/transfer_linux.cc',
          ],
        }, {
          'sources': [
            'native/binding/socket_constants_bsd.cc',
            'native/sys/credentials_bsd.cc',
            'native/sys/datagram_control_bsd.cc',
            'native/sys/file_watch_bsd.cc',
            'native/sys/signal_record_bsd.cc',
            'native/sys/transfer_bsd.cc',
          ],
        }],
        ['sanitizer!=""', {
          'cflags': ['-fsanitize=<(sanitizer)', '-fno-omit-frame-pointer', '-g'],
          'ldflags': ['-fsanitize=<(sanitizer)'],
        }],
      ],
    },
  ],
}
