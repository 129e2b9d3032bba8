{
  # The addon over kqueue where the system has none: linked with libkqueue, beside the usual one.
  'variables': {'multiplexer': 'kqueue'},
  'includes': ['../../../binding.gyp'],
}
