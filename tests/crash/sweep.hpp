// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tests/support/crash_disk.hpp"

/// "Fail the n-th, n = 1, 2, … until nothing fails any more", for whatever can fail.
namespace trellis::test {

/// A kind of failure with many places to strike at.
struct Trouble {
    std::string name;
    std::function<void(std::uint64_t nth)> arm;
    std::function<std::uint64_t()> hits;  ///< how often it struck since arm()
    std::function<void()> end;            ///< everything is closed, and all is well from now on
};

/// All the ways in which a disk fails once, goes on failing, or takes everything down.
std::vector<Trouble> disk_troubles(CrashDisk& disk);

/// Something that is done to a store, and how to see what came of it.
struct Subject {
    std::string name;
    std::function<void()> reset;  ///< everything is as before the work
    /// Opens, calls `ready`, works once, closes.
    std::function<Result<void>(const std::function<void()>& ready)> session;
    /// Opens and tells all that is there. Fails the test where the store is damaged.
    std::function<std::string()> look;
    /// What is there afterwards is what was there before or what the whole work makes.
    bool is_atomic = true;
};

struct SweepFigures {
    std::uint64_t points = 0;  ///< places where it struck
    std::uint64_t told = 0;    ///< of these, how often the work reported an error

    SweepFigures& operator+=(const SweepFigures& other);
};

/// Strikes at every `stride`-th place and checks each time: what was acknowledged is there, what
/// was not is there wholly or not at all, the store is whole, and the work can be done again.
SweepFigures sweep(const Subject& subject, const Trouble& trouble, std::uint64_t stride = 1);

/// Prints one line about it.
void print(const std::string& name, const SweepFigures& figures);

}  // namespace trellis::test
