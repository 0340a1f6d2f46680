// SPDX-License-Identifier: Apache-2.0
// trellis-demo: the main job, played in the terminal. `clients/demo/run` builds and starts it.
#include <csignal>
#include <cstdio>
#include <string_view>

#include "clients/demo/demo.hpp"

namespace {

constexpr std::string_view usage =
    "usage: trellis-demo [--fast] [--keep] [--folder FOLDER]\n"
    "  --fast    a small part of the roster\n"
    "  --keep    leave the server running and the files in place\n"
    "  --folder  where the demo may make a folder of its own\n";

int play(const trellis::demo::DemoOptions& options) {
    trellis::demo::Demo demo(options);
    const auto played = demo.play();
    const auto& out = demo.stage().out();
    if (!played) {
        out.print("\n" + out.paint(trellis::clients::Colour::red, "The demo stopped: ") +
                  trellis::clients::tame(played.error().message) + "\n");
        return 1;
    }
    const auto& broken = demo.stage().broken();
    if (broken.empty()) {
        out.print("\n" + out.paint(trellis::clients::Colour::green, "All ") +
                  std::to_string(demo.stage().kept()) + " promises were kept.\n");
        return 0;
    }
    out.print("\n" + out.paint(trellis::clients::Colour::red, "Broken promises:") + "\n");
    for (const auto& each : broken) out.print("  ✗ " + each + "\n");
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    trellis::demo::DemoOptions options{TRELLIS_PROGRAM, TRELLISD_PROGRAM, TRELLIS_ROSTER,
                                       TRELLIS_DEMO_FOLDER};
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--fast") {
            options.fast = true;
        } else if (word == "--keep") {
            options.keep = true;
        } else if (word == "--folder" && i + 1 < argc) {
            options.folder = argv[++i];
        } else {
            const bool asked = word == "--help";
            std::fputs(usage.data(), asked ? stdout : stderr);
            return asked ? 0 : 2;
        }
    }
    return play(options);
}
