// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/sweep.hpp"

#include <catch2/catch.hpp>

#include <iostream>

namespace trellis::test {
namespace {

Trouble disk_trouble(CrashDisk& disk, std::string name, Fault fault) {
    Trouble trouble;
    trouble.name = std::move(name);
    trouble.arm = [&disk, fault](std::uint64_t nth) {
        Fault armed = fault;
        armed.at = nth;
        disk.inject(armed);
    };
    trouble.hits = [&disk] { return disk.hits(); };
    trouble.end = [&disk] {
        disk.heal();
        disk.start();
    };
    return trouble;
}

/// Once more, without trouble.
std::string repeat(const Subject& subject) {
    const auto done = subject.session([] {});
    if (!done) FAIL("cannot be done again: " + done.error().message);
    return subject.look();
}

}  // namespace

std::vector<Trouble> disk_troubles(CrashDisk& disk) {
    using Kind = Fault::Kind;
    std::vector<Trouble> all;
    const auto add = [&](const char* name, const Fault& fault) {
        all.push_back(disk_trouble(disk, name, fault));
    };
    add("kill", {.kind = Kind::kill});
    add("power cut", {.kind = Kind::power_cut});
    add("EIO", {.kind = Kind::error, .of = io_change & ~io_sync});
    add("EIO from now on", {.kind = Kind::error, .of = io_change, .is_sticky = true});
    add("EIO on reading", {.kind = Kind::error, .of = io_read});
    add("EIO on reading from now on", {.kind = Kind::error, .of = io_read, .is_sticky = true});
    add("short I/O", {.kind = Kind::partial, .of = io_read | io_write});
    add("disk full", {.kind = Kind::full, .of = io_write | io_open});
    add("disk full from now on",
        {.kind = Kind::full, .of = io_write | io_open, .is_sticky = true});
    add("failed sync", {.of = io_sync});
    add("failed sync, pages reverted", {.of = io_sync, .reverts = true});
    return all;
}

SweepFigures& SweepFigures::operator+=(const SweepFigures& other) {
    points += other.points;
    told += other.told;
    return *this;
}

SweepFigures sweep(const Subject& subject, const Trouble& trouble, std::uint64_t stride) {
    subject.reset();
    const auto before = subject.look();
    subject.reset();
    const auto done = subject.session([] {});
    if (!done) FAIL(subject.name + ": " + done.error().message);
    const auto after = subject.look();
    SweepFigures figures;
    for (std::uint64_t nth = 1;; nth += stride) {
        INFO(subject.name << ", " << trouble.name << " at " << nth);
        subject.reset();
        const auto result = subject.session([&] { trouble.arm(nth); });
        const auto hits = trouble.hits();
        trouble.end();
        if (hits == 0) {
            REQUIRE(result.has_value());
            return figures;
        }
        ++figures.points;
        if (!result) {
            ++figures.told;
            INFO(result.error().message);
            CHECK_FALSE(result.error().message.empty());
        }
        const auto there = subject.look();
        if (result) CHECK(there == after);
        if (subject.is_atomic && there != before) CHECK(there == after);
        if (there != after) CHECK(repeat(subject) == after);
    }
}

void print(const std::string& name, const SweepFigures& figures) {
    std::cout << name << ": struck " << figures.points << " times, " << figures.told
              << " errors told\n";
}

}  // namespace trellis::test
