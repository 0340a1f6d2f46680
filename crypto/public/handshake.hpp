// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/sign.hpp"
#include "crypto/public/channel.hpp"
#include "crypto/public/membership_op.hpp"

#include <optional>

namespace trellis::crypto {

// SIGMA-I: both ends sign the transcript, the device under the fresh key (docs/format.md,
// "Handshake"). Three messages; the fourth is the first ordinary one of the channel.
inline constexpr std::size_t handshake_hello_size = 102;
inline constexpr std::size_t handshake_answer_size = 168;
inline constexpr std::size_t handshake_proof_size = 169;
inline constexpr std::size_t handshake_courier_size = 233;

enum class ProofKind : std::uint8_t {
    device = 1,
    invite = 2,   ///< who joins: reads the log and appends to it
    founder = 3,  ///< brings an organisation to a relay; its signing key is named in the proof
    root = 4,     ///< the recovery sheets: reads the log and appends to it
    courier = 5,  ///< an installation, handing in the sealed work of a device that is bound to it
};

/// What the device claims about itself and how far it knows the log.
struct ProofClaim {
    ProofKind kind = ProofKind::device;
    SignerId id;       ///< device or invite; zeros for root; of a courier: whose work it brings
    SignKey sign_key;  ///< of a founder's device, of a courier's installation; else zeros
    std::uint64_t log_length = 0;
    Digest log_head;
    Signature bind;    ///< of a courier: bind_installation() of that device; else zeros
};

/// A device's word that an installation may hand in its sealed work while it is locked.
Signature bind_installation(const SignSecret& device, const OrgId& org, const SignKey& installation);
bool verify_binding(const SignKey& device,
                    const OrgId& org,
                    const SignKey& installation,
                    const Signature& bind);

/// A claim with its signature, not yet checked: the relay looks up the key first.
struct Proof {
    ProofClaim claim;
    OrgId org;
    Digest digest;
    Signature signature;
};

/// True where the proof is signed by `key` for this very session.
bool verify_proof(const Proof& proof, const SignKey& key);

/// The device's end. Sans-IO: hello() out, the answer in and the proof out, then the channel.
class ClientHandshake {
public:
    /// `org` is zeros where none is known yet.
    ClientHandshake(const OrgId& org, Env& env);

    Bytes hello();
    /// Checks the relay's signature, and that its key is `expected` where one is known
    /// (`denied` otherwise). Returns the proof to send.
    Result<Bytes> receive_answer(ByteView answer,
                                 const std::optional<SignKey>& expected,
                                 const ProofClaim& claim,
                                 const SignSecret& secret);
    /// After receive_answer(): who answered, and what its clock said.
    [[nodiscard]] const SignKey& server_key() const { return server_key_; }
    [[nodiscard]] Time server_time() const { return server_time_; }
    /// Once, after receive_answer().
    Channel take_channel();

private:
    OrgId org_;
    BoxSecret ephemeral_;
    Bytes hello_;
    SignKey server_key_;
    Time server_time_ = 0;
    std::optional<Channel> channel_;
};

/// The relay's end: the hello in and the answer out, the proof in, then the channel.
class ServerHandshake {
public:
    /// Borrows both for its life.
    ServerHandshake(const SignSecret& server_secret, Env& env)
        : secret_(server_secret), env_(env) {}

    /// One signature's work, and only for a hello that is whole.
    Result<Bytes> receive_hello(ByteView hello);
    /// After receive_hello(): the organisation the device asks for; zeros for none.
    [[nodiscard]] const OrgId& org() const { return org_; }
    /// Opens the proof. The caller still decides with verify_proof().
    Result<Proof> receive_proof(ByteView sealed);
    /// Once, after receive_proof().
    Channel take_channel();

private:
    const SignSecret& secret_;
    Env& env_;
    OrgId org_;
    Digest transcript_;
    std::optional<Channel> channel_;
};

}  // namespace trellis::crypto
