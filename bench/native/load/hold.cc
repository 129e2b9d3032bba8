// hold: opens connections to an echo server, sends one message over each and checks the answer, and
// then leaves them open and idle until its standard input ends.

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "load/load.h"
#include "support/control.h"
#include "support/must.h"
#include "support/number.h"

namespace bench {
namespace {

// The server accepts these before more come: if its backlog were full, TCP would wait a second
// before it tries again.
constexpr int kAtOnce = 256;

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage", "hold ADDRESS CONNECTIONS");
  RaiseDescriptorLimit();
  const int connections = ParseInteger("CONNECTIONS", argv[2], 1, 1000000);

  std::vector<std::unique_ptr<Load>> loads;
  for (int open = 0; open < connections; open += kAtOnce) {
    Options options;
    options.address = argv[1];
    options.connections = std::min(kAtOnce, connections - open);
    Load& load = *loads.emplace_back(std::make_unique<Load>(options));
    load.Start();
    load.Drain();
    if (load.errors() > 0) return EXIT_FAILURE;
  }

  Control control;
  Control::Announce(argv[1]);
  while (!control.ended()) control.OnReadable({});
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
