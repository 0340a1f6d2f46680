// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "clients/cli/options.hpp"
#include "clients/cli/terminal.hpp"
#include "clients/verbs/verbs.hpp"

namespace trellis::clients {

/// What a command for people works with: the open database behind its verbs, the words that
/// people use for what is in it, and the terminal.
class Desk {
public:
    enum class Opening : unsigned char { existing, may_create };
    static Result<std::unique_ptr<Desk>> open(const CommonOptions& options, Opening opening);

    /// The reply of a verb, or its refusal.
    Result<Json> call(const Json& request);

    /// The id of a space by its name, or by an id or the beginning of one; with no words the
    /// only space there is. `not_found` and `invalid` list what there is.
    Result<std::string> space(const std::string& words);
    /// The id of a record by its short name, its id or the beginning of one.
    Result<std::string> record(const std::string& words);
    /// The id of a device by its name, or by an id or the beginning of one.
    Result<std::string> device(const std::string& words);

    /// What people call a record: its name or title, else its short name.
    std::string name_of_record(const std::string& id);
    std::string name_of_device(const std::string& id);
    std::string name_of_space(const std::string& id);

    [[nodiscard]] const core::Schema& schema() { return verbs_->replica().store().schema; }
    [[nodiscard]] Verbs& verbs() { return *verbs_; }
    [[nodiscard]] CliHost& host() { return *host_; }
    [[nodiscard]] const Terminal& out() const { return out_; }
    [[nodiscard]] const CommonOptions& options() const { return options_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// With --json the reply as one line; false where people want to read.
    bool print_json_reply(const Json& reply) const;
    /// For people; nothing with --json.
    void say(std::string_view text) const;

private:
    explicit Desk(const CommonOptions& options)
        : options_(options), env_(options.verbose), out_(stdout, !options.no_color) {}
    Result<Json> find_named(const char* op, const char* list, const char* id,
                            const std::string& words);

    CommonOptions options_;
    ClientEnv env_;
    Terminal out_;
    std::string path_;
    std::unique_ptr<CliHost> host_;
    std::unique_ptr<Verbs> verbs_;
    std::map<std::string, std::string> names_;  ///< of devices and records, once looked up
};

/// A record for people, in eight characters or about: its first digits; where the device that
/// made it numbers it, four digits of the device, a dash, its number.
std::string short_name(const std::string& record);
/// The first eight digits of any other id.
std::string short_id(const std::string& id);

/// An error as one line on standard error, or with --json as a reply. Returns the exit status:
/// 2 where the command makes no sense, 1 for everything else.
int complain(const Error& error, const CommonOptions& options);

/// {"op":…}
Json verb(std::string_view op);
/// The member of a reply as text; empty where it is none.
std::string text_in(const Json& json, std::string_view name);

}  // namespace trellis::clients
