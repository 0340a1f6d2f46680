// SPDX-License-Identifier: Apache-2.0
#include "clients/net/event_loop.hpp"

#include <unistd.h>

#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace trellis::clients {

namespace asio = boost::asio;
using Clock = asio::steady_timer::clock_type;

class EventLoop::Impl {
public:
    asio::io_context io{1};  // one thread: no locks inside
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    asio::steady_timer alarm{io};
    asio::posix::stream_descriptor input{io};
    int watched = -1;
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop() = default;

bool EventLoop::run_until(const std::function<bool()>& is_done, Milliseconds time) {
    const auto end = Clock::now() + time;
    while (!is_done()) {
        if (impl_->io.run_one_until(end) == 0 && Clock::now() >= end) return is_done();
    }
    return true;
}

void EventLoop::run_until(const std::function<bool()>& is_done) {
    while (!is_done()) impl_->io.run_one();
}

void EventLoop::poll() { impl_->io.poll(); }

void EventLoop::post(std::function<void()> action) { asio::post(impl_->io, std::move(action)); }

void EventLoop::set_alarm(Milliseconds time, std::function<void()> action) {
    impl_->alarm.expires_after(time);
    impl_->alarm.async_wait([action = std::move(action)](const boost::system::error_code& error) {
        if (!error) action();
    });
}

void EventLoop::clear_alarm() { impl_->alarm.cancel(); }

Result<void> EventLoop::when_readable(int descriptor, std::function<void()> action) {
    if (impl_->watched != descriptor) {
        boost::system::error_code error;
        impl_->input.close(error);
        impl_->watched = -1;
        // A copy, so that what Asio closes is its own.
        const int copy = ::dup(descriptor);
        if (copy >= 0) impl_->input.assign(copy, error);
        if (copy < 0 || error) {
            if (copy >= 0) ::close(copy);
            return Error{Code::unsupported, "This input cannot be waited for; use a pipe."};
        }
        impl_->watched = descriptor;
    }
    impl_->input.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [action = std::move(action)](const boost::system::error_code& error) {
            // A plain file cannot be waited for because it is always ready.
            if (!error || error == asio::error::operation_not_supported) action();
        });
    return {};
}

asio::io_context& EventLoop::context() { return impl_->io; }

}  // namespace trellis::clients
