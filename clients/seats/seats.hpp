// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "clients/seats/courier_bag.hpp"
#include "clients/seats/installation.hpp"
#include "clients/seats/key_store.hpp"
#include "crypto/secret/rescue.hpp"

namespace trellis::clients {

/// What can be said of a seat while it is locked.
struct SeatInfo {
    crypto::SeatId id;
    std::string label;           ///< what the lock screen shows, as it was chosen
    bool has_vault = false;      ///< false: destroyed, or lost
    bool can_be_rescued = false; ///< supervisors hold its database key
    bool has_bag = false;        ///< sealed work waits to be handed in
    unsigned attempts_left = 0;
    std::int64_t wait_ms = 0;    ///< until the next attempt
};

/// A seat whose PIN was right, with its records. Wiped at the end; Seats::lock() ends it well.
struct OpenSeat {
    crypto::SeatId id;
    crypto::Key vault_key;
    crypto::VaultSecrets secrets;
    std::unique_ptr<core::Replica> replica;  ///< may be moved out; put_away() needs it back
    bool is_older_copy = false;  ///< the database was set back; it writes as somebody new
};

/// The people who share one device: each has a vault, a database of their own under the vault's
/// key, and what they leave behind when they lock. Several may be listed, one is open at a time.
class Seats {
public:
    using Opener = std::function<Result<std::unique_ptr<core::Replica>>(const std::string& path,
                                                                        const crypto::Key& key)>;
    /// Borrows all but the opener. Makes the installation where there is none.
    static Result<Seats> open(SeatFiles& files, KeyStore& keys, Opener opener, Env& env);

    Result<std::vector<SeatInfo>> list();
    /// The seat of a label, or of the beginning of an id.
    Result<crypto::SeatId> find(std::string_view words);

    struct Added {
        crypto::SeatId id;
        crypto::PinTier tier = crypto::PinTier::curious;
    };
    /// A seat with an empty database, which joins or founds an organisation once unlocked.
    Result<Added> add(std::string_view label, const crypto::Pin& pin,
                      const crypto::PasswordCost& cost, bool may_be_rescued);

    /// `wrong_key` for a wrong PIN and a damaged vault alike; `busy` while an attempt has to
    /// wait; `not_found` where the vault is gone; `denied` where the records are not of this seat.
    /// The tenth wrong PIN destroys the vault: sealed work stays and can still be handed in.
    Result<std::unique_ptr<OpenSeat>> unlock(const crypto::SeatId& id, const crypto::Pin& pin);

    /// Seals what is not sealed, packs the bag, brings the vault and the supervisors' part up to
    /// date. The replica may go on being used.
    Result<void> put_away(OpenSeat& seat, core::Replica& replica);
    /// put_away(), then closes the database and wipes the keys.
    Result<void> lock(std::unique_ptr<OpenSeat> seat);
    /// Another PIN for an open seat.
    Result<crypto::PinTier> set_pin(const OpenSeat& seat, const crypto::Pin& pin,
                                    const crypto::PasswordCost& cost);

    /// Erases the vault, the hardware's factor, the supervisors' part and the database for good.
    /// Only the bag stays.
    Result<void> destroy(const crypto::SeatId& id);

    // The bag, while everybody is locked.
    Result<std::optional<CourierBag>> bag(const crypto::SeatId& id);
    /// The relay has confirmed all of it.
    Result<void> bag_delivered(const crypto::SeatId& id);

    // A forgotten PIN (seats_rescue.cpp).
    struct Asked {
        std::string request;  ///< for the supervisor's device
        std::string spoken;   ///< to be compared by voice
    };
    Result<Asked> ask_rescue(const crypto::SeatId& id);
    /// Takes the supervisor's answer and gives the seat a new PIN. Nothing is lost.
    Result<crypto::PinTier> finish_rescue(const crypto::SeatId& id, std::string_view answer,
                                          const crypto::Pin& pin,
                                          const crypto::PasswordCost& cost);

    [[nodiscard]] std::string database_path(const crypto::SeatId& id) const;
    [[nodiscard]] const Installation& installation() const { return installation_; }

private:
    Seats(SeatFiles& files, KeyStore& keys, Opener opener, Env& env, Installation installation)
        : files_(files), keys_(keys), opener_(std::move(opener)), env_(env),
          installation_(std::move(installation)) {}

    [[nodiscard]] static std::string name(const crypto::SeatId& id, std::string_view file);
    [[nodiscard]] bool has(const crypto::SeatId& id, std::string_view file);
    Result<std::optional<crypto::Key>> factor(const crypto::SeatId& id, bool is_needed);
    Result<crypto::Vault> read_vault(const crypto::SeatId& id);
    Result<void> destroy_vault(const crypto::SeatId& id);
    Result<void> erase_database(const crypto::SeatId& id);
    Result<void> check(OpenSeat& seat);
    Result<crypto::PinTier> write_vault(const crypto::SeatId& id, const crypto::Pin& pin,
                                        const crypto::PasswordCost& cost,
                                        const crypto::VaultSecrets& secrets);
    Result<void> keep_bag(const OpenSeat& seat, core::Replica& replica);
    Result<void> keep_rescue(const OpenSeat& seat, core::Replica& replica);

    SeatFiles& files_;
    KeyStore& keys_;
    Opener opener_;
    Env& env_;
    Installation installation_;
};

}  // namespace trellis::clients
