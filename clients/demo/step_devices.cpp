// SPDX-License-Identifier: Apache-2.0
// Step 3: more devices, and the families of this story.
#include "clients/demo/demo.hpp"

namespace trellis::demo {
namespace {

constexpr std::size_t families = 40;
constexpr std::size_t parents = 27;
constexpr std::size_t needs = 28;

}  // namespace

Result<std::string> Demo::make_invite(const std::string& role) {
    Json grant = object({{"space", space_}, {"rights", "read,write"}});
    TRELLIS_TRY(const auto made,
                centre_->call(request("invite", {{"role", role},
                                                 {"spaces", Json::Array{std::move(grant)}}})));
    TRELLIS_TRY(const auto told, centre_->call(request("sync")));
    static_cast<void>(told);
    return text_in(made, "invite");
}

Result<std::unique_ptr<Device>> Demo::join_one(const std::string& person, const std::string& file,
                                               const std::string& role,
                                               const std::string& office) {
    TRELLIS_TRY(const auto invite, make_invite(role));
    auto device = std::make_unique<Device>(
        person, file, Device::Place{options_.trellis, folder_, path("certificate.pem")});
    TRELLIS_DO(device->open());
    const auto name = person + ", tablet of the " + office + " office";
    TRELLIS_TRY(const auto joined, device->call(request("join", {{"invite", invite},
                                                                 {"name", name}})));
    people_[text_in(joined, "device")] = person;
    TRELLIS_TRY(const auto synced, device->call(request("sync")));
    TRELLIS_TRY(const auto stats, device->call(request("stats")));
    stage_.promise(number_in(stats, "records") > 0,
                   person + " joined as " + role + " and holds " +
                       count_text(static_cast<std::uint64_t>(number_in(stats, "records"))) +
                       " records after receiving " +
                       size_text(static_cast<std::uint64_t>(number_in(synced, "bytes_down"))) +
                       ".");
    return device;
}

Result<void> Demo::join_devices() {
    stage_.step(3, "Two liaisons and a second desk at the centre join, each by an invite.");
    TRELLIS_TRY(desk_, join_one("Second desk", "desk.db", "central", words_.name()));
    TRELLIS_TRY(ana_, join_one("Ana", "ana.db", "liaison", words_.name()));
    TRELLIS_TRY(ben_, join_one("Ben", "ben.db", "liaison", words_.name()));
    TRELLIS_DO(prepare_families());
    TRELLIS_DO(prepare_story());
    TRELLIS_DO(sync_all(2));
    stage_.say("The centre adds " + std::to_string(families) +
               " families who enrolled this week, and a case for one of them.");
    return {};
}

Result<std::string> Demo::make(Device& device, const std::string& type, const Json& fields) {
    TRELLIS_TRY(const auto made, device.call(request("put", {{"space", space_},
                                                             {"type", type},
                                                             {"fields", fields}})));
    return text_in(made, "rec");
}

/// Most of the planted words: in names, telephone numbers and what families need.
Result<void> Demo::prepare_families() {
    Json::Array ops;
    const auto add = [&](const char* type, Json fields) {
        ops.push_back(request("put", {{"space", space_}, {"type", type},
                                      {"fields", std::move(fields)}}));
    };
    for (std::size_t i = 0; i < families; ++i) {
        add("household", object({{"display_name", "Familia " + words_.name()}}));
    }
    for (std::size_t i = 0; i < parents; ++i) {
        add("contact", object({{"display_name", "Rosa " + words_.name()},
                               {"phones", Json::Array{Json(words_.phone())}}}));
    }
    TRELLIS_TRY(const auto made, centre_->call(request("batch", {{"ops", std::move(ops)}})));
    const auto& results = *made["results"].array();
    for (std::size_t i = 0; i < families; ++i) households_.push_back(text_in(results[i], "rec"));
    family_ = households_[0];
    parent_ = text_in(results[families], "rec");
    ops.clear();
    for (std::size_t i = 0; i < needs; ++i) {
        add("request", object({{"household", households_[i]},
                               {"category", i % 2 == 0 ? "food" : "housing"},
                               {"status", "received"},
                               {"description", "Asks for help through " + words_.name()}}));
    }
    TRELLIS_TRY(const auto asked, centre_->call(request("batch", {{"ops", std::move(ops)}})));
    need_ = text_in((*asked["results"].array())[0], "rec");
    duplicate_ = text_in((*asked["results"].array())[1], "rec");
    return {};
}

Result<void> Demo::prepare_story() {
    TRELLIS_TRY(worker_, make(*centre_, "staff_person",
                              object({{"display_name", "Interpreter " + words_.name()},
                                      {"work_phone", words_.phone()}})));
    TRELLIS_TRY(case_, make(*centre_, "case", object({{"subject", family_},
                                                      {"status", "open"},
                                                      {"number", "2026-014"}})));
    TRELLIS_TRY(escalation_,
                make(*centre_, "escalation",
                     object({{"about", case_},
                             {"reason", "Heat is off at home, says " + words_.name()}})));
    TRELLIS_TRY(const auto raised,
                centre_->call(request("raise", {{"rec", escalation_},
                                                {"field", "status"},
                                                {"level", "raised"}})));
    alarm_ = text_in(raised, "token");
    return {};
}

Result<void> Demo::sync_all(int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (auto* device : devices()) {
            TRELLIS_TRY(const auto done, device->call(request("sync")));
            static_cast<void>(done);
        }
    }
    for (auto* device : devices()) device->take_written_bytes();
    return {};
}

}  // namespace trellis::demo
