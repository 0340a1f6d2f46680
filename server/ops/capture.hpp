// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/net/stream.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace trellis::server {

/// Everything the server received, appended to one file: so that anyone can search it for a
/// name or a note and find none. For tests and demonstrations.
class Capture {
public:
    static Result<std::unique_ptr<Capture>> open(const std::string& path);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    /// At once in the file, for whoever reads it meanwhile.
    void add(ByteView bytes);

private:
    explicit Capture(std::FILE* file) : file_(file) {}
    std::FILE* file_;
};

/// The stream, and a copy of what is read from it, after TLS. A captured connection does not
/// count as admitted to the listener. Requires: `capture` outlives the stream.
net::StreamPtr captured(net::StreamPtr stream, Capture& capture);

}  // namespace trellis::server
