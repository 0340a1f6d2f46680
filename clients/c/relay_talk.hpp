// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "clients/verbs/verbs.hpp"
#include "sync/device/backoff.hpp"
#include "sync/device/device_session.hpp"
#include "sync/device/recover_session.hpp"

namespace trellis::c {

/// A verb that talks with the relay, over one connection that somebody else owns: frames in,
/// frames out, and at the end what the verb answers.
class RelayTalk {
public:
    /// What one connection leaves to the next of the same replica.
    struct Memory {
        explicit Memory(Env& env) : backoff(env) {}
        sync::SessionOptions options;
        sync::SessionProgress before;
        std::optional<Error> first_failure;
        sync::Backoff backoff;
    };

    /// The relay that a request wants to be connected to.
    static Result<std::string> url(clients::Verbs& verbs, const Json& request);
    /// Says hello. Borrows all three for its life.
    static Result<std::unique_ptr<RelayTalk>> start(clients::Verbs& verbs, Env& env,
                                                    Memory& memory, const Json& request);

    void receive(ByteView frame);
    void heard();
    void tick();
    void outbox_changed();
    /// The connection is gone. Again, or after the end, changes nothing.
    void hang_up();

    /// The next message to send; may hold some after the end.
    std::optional<Bytes> next_frame();
    [[nodiscard]] bool has_frames() const { return !frames_.empty(); }
    [[nodiscard]] bool is_open() const { return is_open_; }
    /// Until tick() wants to be called, from 0; -1 after the end.
    [[nodiscard]] std::int64_t wait_ms() const;
    /// What the verb answers, as of now.
    [[nodiscard]] Json result() const;
    /// -1: not at all, or still open.
    [[nodiscard]] std::int64_t redial_ms() const { return redial_ms_; }

private:
    enum class Kind : std::uint8_t { pass, stay, join, recover };

    RelayTalk(clients::Verbs& verbs, Env& env, Memory& memory, Kind kind)
        : verbs_(verbs), env_(env), memory_(memory), kind_(kind) {}
    static Result<Kind> kind_of(const Json& request);
    Result<void> begin(const Json& request);
    void settle();
    void over(const std::optional<Error>& why);
    void end_sync(const std::optional<Error>& why);
    void end_log(const std::optional<Error>& why);
    void conclude(Result<Json> reply, bool is_done);
    void report();

    clients::Verbs& verbs_;
    Env& env_;
    Memory& memory_;
    Kind kind_;
    sync::SessionOptions options_;
    std::optional<clients::Verbs::Joining> joining_;
    std::optional<clients::Verbs::Recovering> recovering_;
    std::unique_ptr<sync::DeviceSession> device_;  ///< of a pass, or one that stays
    std::unique_ptr<sync::LogSession> log_;        ///< of joining and recovering
    std::deque<Bytes> frames_;
    Json reply_;  ///< after the end
    std::uint64_t reported_ = 0;  ///< what had moved when we last told
    std::int64_t redial_ms_ = -1;
    bool is_open_ = true;
};

}  // namespace trellis::c
