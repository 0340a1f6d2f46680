// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/replica.hpp"
#include "tests/crash/sweep.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// The tablet of an admin on a disk that fails, in the middle of everything: changes not sealed
/// yet, envelopes not confirmed yet, an entry that waits for the relay, late work in quarantine;
/// and what the network brings next.
class DeviceScene {
public:
    DeviceScene();

    using Work = std::function<Result<void>(core::Replica&)>;
    /// `work` done by the tablet.
    Subject subject(std::string name, Work work);
    /// The same where it takes several steps, each of them whole by itself.
    Subject steps(std::string name, Work work);
    /// The same by a tablet that is empty so far.
    Subject fresh(std::string name, Work work);
    Subject fresh_steps(std::string name, Work work);
    /// Copying the database to a file beside it, which is whole or cannot be mistaken for whole.
    Subject copying(std::string name);
    /// Opening alone, of this state of the disk.
    Subject opening(std::string name, std::shared_ptr<const CrashDisk::Snapshot> state);

    CrashDisk disk{"tablet", 7};
    core::Schema schema;
    std::string custody;  ///< where the tablet is said to be

    std::shared_ptr<const CrashDisk::Snapshot> before;
    std::shared_ptr<const CrashDisk::Snapshot> empty;
    std::shared_ptr<const CrashDisk::Snapshot> killed;  ///< amid a write: there is a log to read
    SpaceId space;
    RecordId record;   ///< one that is there
    Incarnation own;
    Counter sealed = 0;
    std::vector<Bytes> entries;  ///< of the membership log, more than the tablet has
    Cursor from;
    Cursor to;
    std::vector<crypto::EnvelopeRun> page;  ///< between these
    std::vector<crypto::EnvelopeRun> repair;
    Bytes bundle;
    DeviceId colleague;
    core::SeenWord word;
    Digest late;       ///< names what is in quarantine
    std::string invite;              ///< for another device
    std::vector<Bytes> invited_log;  ///< where it joins

    /// With a world of its own, the same each time.
    Result<std::unique_ptr<core::Replica>> open(const std::string& file = "replica.db");

private:
    void make_world();
    std::string look(bool everything);
    std::string look_at_copy();

    std::unique_ptr<FakeEnv> env_;
};

}  // namespace trellis::test
