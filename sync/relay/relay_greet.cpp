// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "sync/relay/relay_impl.hpp"

// From the first byte to Welcome. A stranger gets 512 bytes, ten seconds and one signature.
namespace trellis::sync {

void Relay::Impl::greet(Session& session, ByteView frame) {
    session.early_bytes += frame.size();
    if (session.early_bytes > limits::frame_before_proof_max) {
        return doom(session, Code::too_large);
    }
    switch (session.stage) {
        case Session::Stage::hello: {
            auto reply = session.handshake->receive_hello(frame);
            if (!reply) return doom(session, reply.error().code);
            session.stage = Session::Stage::proof;
            return send_raw(session, *std::move(reply));
        }
        case Session::Stage::proof:
            return receive_proof(session, frame);
        case Session::Stage::org:
            // Said in the hope that the proof is good; opened in order after it.
            session.early.push_back(to_bytes(frame));
            return;
        case Session::Stage::ready:
            return;
    }
}

void Relay::Impl::receive_proof(Session& session, ByteView frame) {
    auto proof = session.handshake->receive_proof(frame);
    if (!proof) return doom(session, proof.error().code);
    session.channel = session.handshake->take_channel();
    session.handshake.reset();
    session.proof = *std::move(proof);
    session.kind = session.proof->claim.kind;
    session.claimed_length = session.proof->claim.log_length;
    session.stage = Session::Stage::org;
    if (session.kind == crypto::ProofKind::founder || session.proof->org.is_zero()) {
        return judge_proof(session);
    }
    auto& org = org_of(session.proof->org);
    session.org = &org;
    org.sessions.insert(session.id);
    if (org.membership && !org.is_loading) return judge_proof(session);
    org.greeting.push_back(session.id);
    load_org(org);
}

void Relay::Impl::judge_proof(Session& session) {
    auto accepted = check_proof(session);
    if (!accepted) return refuse(session, std::move(accepted).error());
    session.proof.reset();
    session.stage = Session::Stage::ready;
    deadlines_.erase({session.deadline, session.id});
    welcome(session);
    for (const auto& frame : std::exchange(session.early, {})) {
        if (session.is_doomed) return;
        read_message(session, frame);
    }
}

/// The key that must have signed, where the claim is of somebody the organisation knows.
const crypto::SignKey* Relay::Impl::key_of(Session& session) {
    const auto& claim = session.proof->claim;
    const auto* membership =
        session.org != nullptr && session.org->membership ? &*session.org->membership : nullptr;
    switch (session.kind) {
        case crypto::ProofKind::founder:
            session.device = DeviceId{claim.id.bytes};
            session.founder_key = claim.sign_key;
            return options_.new_orgs ? &session.founder_key : nullptr;
        case crypto::ProofKind::device:
        case crypto::ProofKind::courier: {
            session.device = DeviceId{claim.id.bytes};
            const auto* device =
                membership == nullptr ? nullptr : membership->device(session.device);
            if (device == nullptr) return nullptr;
            session.is_former = !device->is_active;
            return &device->sign;
        }
        case crypto::ProofKind::invite: {
            session.invite = InviteId{claim.id.bytes};
            const auto* invite =
                membership == nullptr ? nullptr : membership->invite(session.invite);
            return invite == nullptr ? nullptr : &invite->sign;
        }
        case crypto::ProofKind::root:
            return membership == nullptr ? nullptr : &membership->state().root_sign;
    }
    return nullptr;
}

Result<void> Relay::Impl::check_proof(Session& session) {
    const auto& claim = session.proof->claim;
    // An unknown organisation, an unknown member and a wrong signature are told apart neither
    // by the answer nor by the work: our own key stands in for the one that is missing.
    const auto* known = key_of(session);
    auto key = known == nullptr ? server_.key() : *known;
    bool is_bound = true;
    if (session.kind == crypto::ProofKind::courier) {
        is_bound = crypto::verify_binding(key, session.proof->org, claim.sign_key, claim.bind);
        key = claim.sign_key;
    }
    if (!crypto::verify_proof(*session.proof, key) || !is_bound || known == nullptr) {
        return Error{Code::denied,
                     session.kind == crypto::ProofKind::founder
                         ? "this relay does not take new organisations: ask who runs it"
                         : "this relay knows no such member of that organisation; if you were "
                           "just added, try again, or ask for an invite"};
    }
    return session.kind == crypto::ProofKind::invite ? judge_invite(session) : Result<void>();
}

Result<void> Relay::Impl::judge_invite(const Session& session) const {
    const auto* invite = session.org->membership->invite(session.invite);
    // One that was used may still read: a device whose join was appended, and which never heard
    // of it, finds itself in the log. It joins nobody else: the log's rules refuse that.
    if (invite->is_revoked) {
        return Error{Code::denied, "this invite was withdrawn: ask for a new one"};
    }
    if (now_ > invite->expiry) return invite_expired(invite->expiry);
    return {};
}

void Relay::Impl::welcome(Session& session) {
    send(session,
         Welcome{.time = now_,
                 .log_length = visible_length(session),
                 .log_head = visible_head(session),
                 .push_window = limits::push_window});
}

}  // namespace trellis::sync
