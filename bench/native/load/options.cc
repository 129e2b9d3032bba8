#include "load/options.h"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>

#include "support/must.h"
#include "support/number.h"

namespace bench {
namespace {

constexpr char kUsage[] =
    "usage: load --address ADDRESS [--connections N] [--size BYTES] [--warm-up SECONDS]\n"
    "            [--seconds SECONDS] [--rate PER_SECOND] [--busy N] [--server-pid PID]\n";

constexpr option kOptions[] = {
    {"address", required_argument, nullptr, 'a'},
    {"connections", required_argument, nullptr, 'c'},
    {"size", required_argument, nullptr, 'b'},
    {"warm-up", required_argument, nullptr, 'w'},
    {"seconds", required_argument, nullptr, 's'},
    {"rate", required_argument, nullptr, 'r'},
    {"busy", required_argument, nullptr, 'f'},
    {"server-pid", required_argument, nullptr, 'i'},
    {nullptr, 0, nullptr, 0},
};

[[noreturn]] void FailWithUsage() {
  std::fputs(kUsage, stderr);
  std::exit(EXIT_FAILURE);
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int name; (name = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (name) {
      case 'a':
        options.address = optarg;
        break;
      case 'c':
        options.connections = ParseInteger("--connections", optarg, 1, 1000000);
        break;
      case 'b':
        options.message_size = ParseInteger<size_t>("--size", optarg, 1, 1 << 24);
        break;
      case 'w':
        options.warm_up_seconds = ParseDouble("--warm-up", optarg, 0, 3600);
        break;
      case 's':
        options.seconds = ParseDouble("--seconds", optarg, 0.001, 3600);
        break;
      case 'r':
        options.rate = ParseDouble("--rate", optarg, 1, 1e7);
        break;
      case 'f':
        options.busy = ParseInteger("--busy", optarg, 0, 1000000);
        break;
      case 'i':
        options.server_pid = ParseInteger<pid_t>("--server-pid", optarg, 1, 1 << 30);
        break;
      default:
        FailWithUsage();
    }
  }
  if (optind != argc || options.address.empty()) FailWithUsage();
  return options;
}

}  // namespace bench
