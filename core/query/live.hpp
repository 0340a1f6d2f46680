// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>

#include "core/query/query.hpp"

namespace trellis::core {

/// Live queries: after a commit, those whose types were touched are run again, and what
/// changed is told row by row. Rows are told apart by their `rec` where they have one, else by
/// all they hold.
class LiveQueries {
public:
    using WatchId = std::uint64_t;
    /// Runs the request; told once at the start what types it reads.
    using Run = std::function<Result<Json>()>;

    struct Difference {
        WatchId watch = 0;
        Json added{Json::Array{}};
        Json changed{Json::Array{}};
        Json removed{Json::Array{}};  ///< their `rec`s, or whole rows
    };

    /// Starts watching. `rows` receives what the query returns now.
    Result<WatchId> watch(Run run, std::set<TypeId> types, Json& rows);
    /// False where nobody watched.
    bool unwatch(WatchId watch);
    /// What it returns now; later differences are from there. `not_found` where nobody watches.
    Result<Json> rows(WatchId watch);

    /// A commit has touched these types.
    void touch(const std::set<TypeId>& types);
    void touch_all();
    /// Whether collect() has something to run.
    [[nodiscard]] bool is_touched() const;
    /// Runs the touched queries; nothing for those whose rows are the same.
    std::vector<Difference> collect();

private:
    struct Watch {
        Run run;
        std::set<TypeId> types;
        std::map<std::string, std::string> rows;  ///< key → canonical row
        bool touched = false;

        void keep(const Json& now);
    };
    WatchId next_ = 1;
    std::map<WatchId, Watch> watches_;
};

}  // namespace trellis::core
