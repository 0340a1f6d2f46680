// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/fleet.hpp"

namespace trellis::sim {

/// Carries out the steps of a plan. A step that makes no sense at its moment does nothing.
class Fate {
public:
    explicit Fate(Fleet& fleet) : fleet_(fleet) {}

    void carry_out(const Step& step);

private:
    bool people(const Step& step, Device& device);
    void carry_bundle(Device& from, Random& random);
    bool network(const Step& step, Device& device);
    bool time(const Step& step, Device& device);
    bool disk(const Step& step, Device& device);
    bool server_disk(const Step& step);
    [[nodiscard]] bool may_clone() const;
    Device& add_clone(const Device& device, const DiskCopy& copy, bool notices);
    bool make_twins(const Step& step, Device& device, Random& random);
    void keep_away(Device& device, Random& random);
    void work_at_copies(const Step& step, Device& device);
    bool topology(const Step& step, Device& device);
    bool server_topology(const Step& step);
    bool trust(const Step& step, Device& device);
    bool life(const Step& step, Device& device);

    Fleet& fleet_;
};

}  // namespace trellis::sim
