{
  # Descriptors for the tests: what Node has no call for. Never shipped.
  'targets': [
    {
      'target_name': 'descriptors',
      'sources': ['descriptors.cc'],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': ['NAPI_VERSION=8', 'NAPI_DISABLE_CPP_EXCEPTIONS'],
      'conditions': [['OS=="linux"', {'libraries': ['-lutil']}]],
      'xcode_settings': {'CLANG_CXX_LANGUAGE_STANDARD': 'c++17'},
    },
  ],
}
