// SPDX-License-Identifier: Apache-2.0
#include "server/ops/capture.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace trellis::server {
namespace {

using net::Awaitable;

class CapturedStream final : public net::Stream {
public:
    CapturedStream(net::StreamPtr inner, Capture& capture)
        : Stream(inner->executor(), inner->remote_address())
        , inner_(std::move(inner))
        , capture_(capture) {}

    Awaitable<Result<void>> handshake() override { return inner_->handshake(); }
    void start_read(net::ReadBuffers buffers, Handler handler) override;
    void start_write(net::WriteBuffers buffers, Handler handler) override {
        inner_->start_write(buffers, std::move(handler));
    }
    Awaitable<void> shut_down() override { return inner_->shut_down(); }
    void close() override { inner_->close(); }
    bool is_encrypted() const override { return inner_->is_encrypted(); }

private:
    net::StreamPtr inner_;
    Capture& capture_;
};

void CapturedStream::start_read(net::ReadBuffers buffers, Handler handler) {
    inner_->start_read(
        buffers,
        [self = shared_from_this(), this, buffers, next = std::move(handler)](
            net::ErrorCode error, std::size_t count) mutable {
            std::size_t left = count;
            for (const auto& buffer : buffers) {
                const std::size_t here = std::min(left, buffer.size());
                capture_.add({static_cast<const std::uint8_t*>(buffer.data()), here});
                left -= here;
            }
            std::move(next)(error, count);
        });
}

}  // namespace

Result<std::unique_ptr<Capture>> Capture::open(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "ab");
    if (file == nullptr) {
        return Error{Code::denied,
                     path + " cannot be opened for the capture (" + std::strerror(errno) +
                         "): name another file"};
    }
    return std::unique_ptr<Capture>(new Capture(file));
}

Capture::~Capture() {
    std::fclose(file_);
}

void Capture::add(ByteView bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), file_);
    std::fflush(file_);
}

net::StreamPtr captured(net::StreamPtr stream, Capture& capture) {
    return std::make_shared<CapturedStream>(std::move(stream), capture);
}

}  // namespace trellis::server
