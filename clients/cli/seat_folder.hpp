// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/seats/seat_files.hpp"

namespace trellis::clients {

/// An installation's folder on a disk, for its owner only.
class SeatFolder final : public SeatFiles {
public:
    explicit SeatFolder(std::string folder) : folder_(std::move(folder)) {}

    Result<Bytes> read(const std::string& name) override;
    Result<void> write(const std::string& name, ByteView bytes) override;
    Result<void> erase(const std::string& name) override;
    Result<std::vector<std::string>> folders() override;
    [[nodiscard]] std::string path(const std::string& name) const override {
        return folder_ + "/" + name;
    }

private:
    std::string folder_;
};

/// $TRELLIS_SEATS, else .trellis/seats in the home folder.
std::string default_seats_folder();

}  // namespace trellis::clients
