// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "core/base/result.hpp"
#include "crypto/public/handshake.hpp"
#include "sync/device/session.hpp"
#include "sync/wire/message.hpp"

namespace trellis::sync {

/// Who a device says it is when it has heard the relay's signature.
struct LineIdentity {
    std::optional<crypto::SignKey> relay_key;  ///< none: whoever answers is trusted
    crypto::ProofClaim claim;
    const crypto::SignSecret& secret;
};

/// A device's end of one connection, below what is said: the handshake, the sealed frames,
/// Ping and Pong, Bye, and the moment to give up. Both kinds of session stand on one.
class Line {
public:
    /// Says hello.
    Line(const OrgId& org, const SessionTimes& times, SessionProgress& progress, Env& env,
         Time now);

    enum class Stage : std::uint8_t { greeting, proving, open, closed };
    [[nodiscard]] Stage stage() const { return stage_; }
    [[nodiscard]] bool is_closed() const { return stage_ == Stage::closed; }

    /// The relay's answer to our hello. Requires: stage() == Stage::greeting.
    Result<void> receive_answer(ByteView frame, const LineIdentity& identity, Time now);
    /// Whose signature that was.
    [[nodiscard]] const crypto::SignKey& relay_key() const { return handshake_.server_key(); }
    /// Since our proof went out.
    [[nodiscard]] std::int64_t round_trip_ms(Time now) const { return now - proved_; }

    /// A message, or nothing where the line itself had use for it. The first is a Welcome, and
    /// there is only one. A Bye comes out as its error.
    Result<std::optional<Message>> receive(ByteView frame, Time now);
    /// Some bytes of a frame have come in.
    void heard(Time now);

    /// Requires: stage() == Stage::open.
    void send(const Message& message);
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

    /// Asks for a Pong that comes after everything the relay had to say before.
    void send_barrier();
    [[nodiscard]] bool is_barrier_up() const { return barrier_ != passed_; }

    /// Whether an answer is due, so that a relay which only says Pong is given up too.
    void wait_for_answer(bool is_waiting, Time now);
    /// `timeout` where the relay has been silent for too long.
    Result<void> tick(Time now);
    [[nodiscard]] Time deadline() const;

    /// All was said.
    void close();
    /// Says Bye, unless the relay said it, and closes.
    void fail(const Error& error);
    std::optional<DeviceAction> next_action();

private:
    void push_frame(Bytes frame);
    Result<std::optional<Message>> sort(Message message);

    SessionTimes times_;
    SessionProgress& progress_;
    crypto::ClientHandshake handshake_;
    std::optional<crypto::Channel> channel_;
    Stage stage_ = Stage::greeting;
    std::deque<Bytes> frames_;
    std::optional<DeviceAction> farewell_;
    std::uint64_t sent_ = 0;
    std::uint64_t pings_ = 0;
    std::uint64_t barrier_ = 0;
    std::uint64_t passed_ = 0;
    bool heard_bye_ = false;
    bool is_waiting_ = false;
    Time started_;
    Time proved_;
    Time heard_;
    Time pinged_;
    Time answered_;  ///< the last message that was no Ping or Pong, or since when we wait
};

}  // namespace trellis::sync
