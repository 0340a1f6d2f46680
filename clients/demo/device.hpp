// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/demo/process.hpp"
#include "core/base/json.hpp"

namespace trellis::demo {

/// One device of the district: a database, and a `trellis repl` that works on it.
class Device {
public:
    struct Place {
        std::string program;  ///< trellis
        std::string folder;   ///< where its files lie
        std::string ca_file;
    };
    Device(std::string person, std::string file, Place place)
        : person_(std::move(person)), file_(std::move(file)), place_(std::move(place)) {}

    Result<void> open();
    /// Ends the repl; the files stay. True where it ended well.
    bool close();

    /// The reply to one request; refusals are replies too.
    Result<Json> ask(const Json& request);
    /// A reply that must be {"ok":true}.
    Result<Json> call(const Json& request);

    [[nodiscard]] const std::string& person() const { return person_; }
    [[nodiscard]] std::string database() const { return place_.folder + "/" + file_; }
    [[nodiscard]] std::string error_file() const { return database() + ".log"; }
    /// Bytes of the JSON of all writes that were asked for since the last time.
    std::uint64_t take_written_bytes() { return std::exchange(written_bytes_, 0); }

private:
    std::string person_;
    std::string file_;
    Place place_;
    std::unique_ptr<Process> repl_;
    std::uint64_t written_bytes_ = 0;
};

/// {"op":…, name: value, …}
Json request(std::string_view op, std::initializer_list<std::pair<const char*, Json>> members = {});
/// {name: value, …}
Json object(std::initializer_list<std::pair<const char*, Json>> members);
std::string text_in(const Json& json, std::string_view name);
std::int64_t number_in(const Json& json, std::string_view name);

}  // namespace trellis::demo
