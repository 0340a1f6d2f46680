// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace trellis::test {

/// One reader of bytes that strangers write. run() must not fail a check, read out of bounds or
/// take memory without limit; what a reader accepts is written again where there is a writer,
/// and must come out the same.
struct FuzzTarget {
    const char* name;
    void (*run)(ByteView bytes);
    /// What a corpus starts from; paths are from the root of the repository.
    std::vector<Bytes> (*seeds)();
    /// Its inputs are lists of steps (script.hpp).
    bool is_script = false;
    /// It opens databases or signs, at milliseconds an input.
    bool is_slow = false;
};

const std::vector<FuzzTarget>& fuzz_targets();

/// What lies in fixtures/fuzz/<target>: inputs that reached something once, and by name those
/// that found a fault. Not for reading: each only has to be stood.
std::vector<Bytes> corpus(const std::string& target);

/// Of files that hold hexadecimal digits; those with the same ending in a folder, in order.
std::vector<Bytes> hex_seeds(const std::string& folder);
std::vector<Bytes> text_seeds(const std::string& folder, const std::string& extension);

std::vector<FuzzTarget> crypto_targets();
std::vector<FuzzTarget> record_targets();
std::vector<FuzzTarget> outside_targets();
std::vector<FuzzTarget> relay_targets();
std::vector<FuzzTarget> device_targets();
std::vector<FuzzTarget> replica_targets();
std::vector<FuzzTarget> database_targets();
std::vector<FuzzTarget> merge_targets();

}  // namespace trellis::test
