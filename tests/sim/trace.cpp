// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/trace.hpp"

namespace trellis::sim {
namespace {

void print_time(std::FILE* to, Time now) {
    const auto ms = static_cast<long long>(now);
    std::fprintf(to, "%5lld:%02lld:%02lld.%03lld ", ms / 3'600'000, ms / 60'000 % 60,
                 ms / 1000 % 60, ms % 1000);
}

}  // namespace

void Trace::note(Time now, std::string_view what, std::initializer_list<std::int64_t> numbers,
                 ByteView bytes) {
    ++events_;
    hasher_.add_u64(static_cast<std::uint64_t>(now)).add(as_bytes(what));
    for (const auto number : numbers) hasher_.add_u64(static_cast<std::uint64_t>(number));
    hasher_.add_u64(bytes.size()).add(bytes);
    if (to_ == nullptr) return;
    print_time(to_, now);
    std::fprintf(to_, "%.*s", static_cast<int>(what.size()), what.data());
    for (const auto number : numbers) std::fprintf(to_, " %lld", static_cast<long long>(number));
    std::fputc('\n', to_);
}

void Trace::tell(Time now, std::string_view what, std::string_view remark) {
    if (to_ == nullptr) return;
    print_time(to_, now);
    std::fprintf(to_, "%.*s %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(remark.size()), remark.data());
}

}  // namespace trellis::sim
