// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace trellis::crypto {

/// What some bytes are hashed, derived or signed for. Each has its own text, which goes first
/// with its length, so bytes of one kind never pass for another (docs/format.md, "Labels").
enum class Label : std::uint8_t {
    // Hashes
    org_genesis,
    log_entry,
    log_state,
    device_id,
    invite_id,
    actor_id,
    batch,
    ct,
    batch_content,
    batch_salt,
    epoch_commit,
    handshake,
    handshake_answer,
    handshake_proof,
    invite_check,
    sheet_check,
    record_key,
    name_nonce,
    space_roll,
    seen,
    state,
    receipt,
    install_bind,  ///< of an installation's key; the device that uses it signs that
    inbox_bind,
    inbox_item,   ///< of a sealed submission, whole: its name at the relay
    inbox_work,   ///< whose leading zeros show that a post has cost something
    inbox_print,  ///< what a poster says of an inbox's key
    rescue_check,
    emergency,  ///< of the reason why a right to read was lent
    shred,      ///< of the reason why a space was shredded
    // Derived keys
    batch_enc,
    batch_nonce,
    incarnation,
    prev_wrap,
    name,
    invite_sign,
    invite_box,
    root_sign,
    root_box,
    handshake_to_server,
    handshake_to_client,
    vault_kek,
    vault_enc,
    vault_commit,
    tablet_outbox,
    tablet_secret,
    inbox_secret,
    // Signatures
    log_sig,
    batch_sig,
    handshake_server,
    handshake_client,
    receipt_sig,
    seen_sig,
    rescue_sig,
};

inline constexpr std::array<std::string_view, 54> label_texts = {
    "trellis/1/org-genesis", "trellis/1/log-entry",    "trellis/1/log-state",
    "trellis/1/device-id",   "trellis/1/invite-id",    "trellis/1/actor-id",
    "trellis/1/batch",       "trellis/1/ct",           "trellis/1/batch-content",
    "trellis/1/batch-salt",  "trellis/1/epoch-commit", "trellis/1/hs",
    "trellis/1/hs-answer",   "trellis/1/hs-proof",     "trellis/1/invite-check",
    "trellis/1/sheet-check", "trellis/1/record-key",   "trellis/1/name-nonce",
    "trellis/1/space-roll",  "trellis/1/seen",         "trellis/1/state",
    "trellis/1/receipt",     "trellis/1/install-bind",
    "trellis/1/inbox-bind",  "trellis/1/inbox-item",   "trellis/1/inbox-work",
    "trellis/1/inbox-print", "trellis/1/rescue-check", "trellis/1/emergency",
    "trellis/1/shred",
    "trellis/1/batch-enc",   "trellis/1/batch-nonce",  "trellis/1/incarnation",
    "trellis/1/prev-wrap",
    "trellis/1/name",        "trellis/1/invite-sign",  "trellis/1/invite-box",
    "trellis/1/root-sign",   "trellis/1/root-box",     "trellis/1/hs-c2s",
    "trellis/1/hs-s2c",
    "trellis/1/vault-kek",   "trellis/1/vault-enc",    "trellis/1/vault-commit",
    "trellis/1/tablet-outbox", "trellis/1/tablet-secret",
    "trellis/1/inbox-secret",
    "trellis/1/log-sig",      "trellis/1/batch-sig",
    "trellis/1/hs-server",   "trellis/1/hs-client",    "trellis/1/receipt-sig",
    "trellis/1/seen-sig",
    "trellis/1/rescue-sig",
};
static_assert(label_texts.size() == static_cast<std::size_t>(Label::rescue_sig) + 1);

constexpr std::string_view text_of(Label label) {
    return label_texts[static_cast<std::size_t>(label)];
}

}  // namespace trellis::crypto
