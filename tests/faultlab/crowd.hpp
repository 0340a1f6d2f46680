// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/net/event_loop.hpp"
#include "tests/support/organisation.hpp"

namespace trellis::faultlab {

/// Thousands of devices in one thread: each proves who it is, opens the space `school`, follows
/// it, and is quiet. All are Alice, each with an actor of its own. Who is turned away comes back
/// after the pause that devices make.
class Crowd {
public:
    Crowd(trellis::test::Organisation& organisation, std::string url, std::size_t size);
    ~Crowd();

    /// Until all are in; `at_once` of them may be on their way. False where nobody more came in
    /// for all of the patience.
    bool gather(std::size_t at_once);
    /// Ends every connection without a word.
    void drop();
    /// Takes what arrives until `is_so`; false where patience ends first.
    bool run_until(const std::function<bool()>& is_so);

    std::size_t present() const { return present_; }
    /// Attempts that came to nothing.
    std::size_t refused() const { return refused_; }
    /// Envelopes that came to all of them together.
    std::size_t delivered() const { return delivered_; }

private:
    struct Member;
    void dial(Member& member);
    void received(Member& member, const Bytes& frame);
    void opened(Member& member, const Bytes& frame);
    void ended(Member& member);

    trellis::test::Organisation& organisation_;
    std::string url_;
    clients::EventLoop loop_;
    std::vector<std::unique_ptr<Member>> members_;
    std::size_t on_their_way_ = 0;
    std::size_t present_ = 0;
    std::size_t refused_ = 0;
    std::size_t delivered_ = 0;
};

}  // namespace trellis::faultlab
