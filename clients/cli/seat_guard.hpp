// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/client_env.hpp"
#include "clients/cli/options.hpp"
#include "clients/cli/seat_folder.hpp"
#include "clients/seats/seats.hpp"

namespace trellis::clients {

/// The installation that the options name, on this machine: without a hardware keystore.
class SeatDesk {
public:
    static Result<std::unique_ptr<SeatDesk>> open(const CommonOptions& options);

    [[nodiscard]] Seats& seats() { return *seats_; }
    [[nodiscard]] ClientEnv& env() { return env_; }

private:
    explicit SeatDesk(const CommonOptions& options);
    ClientEnv env_;
    SeatFolder folder_;
    NoKeyStore keys_;
    std::unique_ptr<Seats> seats_;
};

/// One seat, unlocked while an ordinary command runs in it.
class SeatGuard {
public:
    /// Asks for the PIN and points the options to the seat's database. Nothing where the options
    /// name no seat.
    static Result<std::unique_ptr<SeatGuard>> open(CommonOptions& options);

    /// Leaves the seat as a lock does. The caller closes the replica.
    Result<void> put_away(core::Replica& replica) {
        return desk_->seats().put_away(*seat_, replica);
    }

private:
    std::unique_ptr<SeatDesk> desk_;
    std::unique_ptr<OpenSeat> seat_;
};

}  // namespace trellis::clients
