// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/demo/process.hpp"
#include "core/base/json.hpp"

namespace trellis::faultlab {

/// A `trellis repl` that may die at any moment, and the list of what it has promised: every
/// name it acknowledged by "L0", whatever became of it afterwards.
class Device {
public:
    /// Its writes are called `name` and a number.
    Device(std::string name, std::string database);

    void start();
    /// As a battery would end it: what it had answered by then still counts.
    void kill();

    /// Without waiting: writes one household; begins a sync.
    void ask_put(const std::string& space);
    void ask_sync(std::int64_t deadline_ms);
    std::size_t unanswered() const { return unanswered_; }
    /// The next answer, filed; nothing where it has ended or says nothing in all patience.
    std::optional<Json> take_answer();
    /// All that were asked for. False where it has ended before.
    bool take_answers();

    /// One request and its answer, after all before it. Requires: it lives.
    Json ask(const std::string& request);
    /// Syncs; the code of what went wrong, empty where all is well.
    std::string sync(std::int64_t deadline_ms = 120'000);
    /// The names of the households that it shows.
    std::set<std::string> shown();
    /// Names of its own whose acknowledgement says that the server has them.
    std::set<std::string> stored();
    std::string digest();
    /// What `check` finds.
    std::size_t problems();

    const std::map<std::string, std::string>& promised() const { return promised_; }
    /// Codes of refusals, and of what syncs had to tell, since this was asked last.
    std::set<std::string> take_codes();
    demo::Process& process() { return *process_; }

private:
    void file(const Json& answer);
    void write(const std::string& line);

    std::string name_;
    std::string database_;
    std::unique_ptr<demo::Process> process_;
    std::uint64_t asked_ = 0;  ///< puts, ever
    std::size_t unanswered_ = 0;
    std::map<std::string, std::string> promised_;  ///< name to dot
    std::set<std::string> known_stored_;
    std::set<std::string> codes_;
};

/// A founder and others in one space.
struct District {
    /// The devices talk to `url`.
    District(const std::string& folder, const std::string& url, std::size_t devices);

    std::string space;
    std::vector<std::unique_ptr<Device>> devices;  ///< the founder first

    Device& founder() { return *devices.front(); }
    /// Syncs everybody until all show the same and nobody has anything to send.
    /// Empty, or what stands in the way.
    std::string converge();
    /// Names that somebody promised and `shown` lacks.
    std::set<std::string> lost(const std::set<std::string>& shown) const;
};

/// Those of `wanted` that are not in `there`.
std::set<std::string> missing(const std::set<std::string>& wanted,
                              const std::set<std::string>& there);

}  // namespace trellis::faultlab
