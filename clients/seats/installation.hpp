// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/seats/seat_files.hpp"
#include "crypto/primitive/sign.hpp"
#include "crypto/secret/vault.hpp"

namespace trellis::clients {

/// One copy of the program on one device, which several people use. Its key moves sealed work
/// while everybody is locked; it opens no record.
class Installation {
public:
    /// Reads its file, or makes it.
    static Result<Installation> open(SeatFiles& files, Env& env);

    [[nodiscard]] const crypto::SignSecret& secret() const { return secret_; }
    [[nodiscard]] const crypto::InstallationMark& mark() const { return mark_; }

    /// Seals what a seat leaves behind while it is locked: only this installation reads it, and
    /// only as what it is (`label`).
    [[nodiscard]] Bytes seal(crypto::Label label, const crypto::SeatId& seat, ByteView plain,
                             Env& env) const;
    /// `corrupt` where it was altered, or sealed elsewhere.
    [[nodiscard]] Result<Bytes> open(crypto::Label label, const crypto::SeatId& seat,
                                     ByteView sealed) const;

private:
    Installation(crypto::SignSecret secret, const crypto::InstallationMark& mark)
        : secret_(std::move(secret)), mark_(mark) {}

    crypto::SignSecret secret_;
    crypto::InstallationMark mark_;
};

}  // namespace trellis::clients
