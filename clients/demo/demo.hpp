// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string_view>

#include "clients/demo/device.hpp"
#include "clients/demo/search.hpp"
#include "clients/demo/stage.hpp"
#include "clients/demo/words.hpp"

namespace trellis::demo {

/// In the organisation's name, which no verb shows: looked for beside the planted words.
inline constexpr std::string_view org_word = "Tarquenwold";

struct DemoOptions {
    std::string trellis;
    std::string trellisd;
    std::string roster;
    std::string folder;  ///< where the demo's own folder is made
    bool keep = false;
    bool fast = false;
};

/// One write that somebody made with no network.
struct OfflineWrite {
    std::string person;
    std::string what;
    std::string dot;
};

/// The story of one district in two acts, played by the real programs.
class Demo {
public:
    explicit Demo(DemoOptions options);

    /// Plays all of it. An error is a step that could not be played; a promise that was broken
    /// is in stage().broken().
    Result<void> play();

    [[nodiscard]] const Stage& stage() const { return stage_; }

private:
    // step_start.cpp
    Result<void> start();
    Result<void> start_server();
    Result<void> stop_server();
    Result<void> found_district();
    Result<void> import_roster();
    // step_devices.cpp
    Result<void> join_devices();
    Result<std::unique_ptr<Device>> join_one(const std::string& person, const std::string& file,
                                             const std::string& role, const std::string& office);
    Result<std::string> make_invite(const std::string& role);
    Result<void> prepare_families();
    Result<void> prepare_story();
    Result<void> sync_all(int rounds);
    // step_offline.cpp
    Result<void> work_offline();
    Result<void> prove_offline();
    Result<void> visit_families(Device& device, std::size_t first, std::size_t count);
    Result<void> story_of_ana();
    Result<void> story_of_ben();
    Result<void> write(Device& device, const std::string& what, const Json& request);
    void show_offline_work();
    // step_online.cpp
    Result<void> go_online();
    Result<void> show_same_household();
    Result<void> show_conflicts();
    Result<void> show_escalation();
    Result<void> show_reviews();
    Result<void> show_acks();
    Result<void> show_digests();
    Result<std::string> level_of(const OfflineWrite& write);
    // step_secrets.cpp
    Result<void> search_server();
    Result<void> search_plain_view();
    Result<void> show_sizes();
    Result<void> finish();
    // step_trust.cpp
    Result<void> lose_a_tablet();
    Result<void> lose_a_liaison();
    Result<void> restore_last_week();
    Result<void> search_again();
    Result<void> run_trellisd(const std::vector<std::string>& words);
    Result<void> note(Device& device, std::string_view word);
    Result<std::size_t> notes_of(Device& device, std::string_view word);
    Result<std::vector<Json>> quarantine_of(Device& device);
    Result<void> show_quarantine();
    Result<void> sync_centre();
    Result<void> promise_equal_digests(std::initializer_list<Device*> of, std::string_view text);
    // step_seats.cpp
    Result<void> forget_a_pin();
    Result<void> make_seats();
    Result<void> rescue_cara();
    Result<Json> run_trellis(std::vector<std::string> words);
    Result<Json> in_seats(std::vector<std::string> words, std::string_view pin_file);

    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::vector<Device*> devices() const;
    Result<std::string> make(Device& device, const std::string& type, const Json& fields);
    std::string name_of_device(const std::string& id) const;
    std::string id_of(std::string_view person) const;

    DemoOptions options_;
    Stage stage_;
    PlantedWords words_;
    std::string folder_;
    std::unique_ptr<Process> server_;
    std::int64_t port_ = 0;
    std::unique_ptr<Device> centre_;
    std::unique_ptr<Device> desk_;
    std::unique_ptr<Device> ana_;
    std::unique_ptr<Device> ben_;
    std::map<std::string, std::string> people_;  ///< device id → person
    std::string space_;
    std::string space_name_;
    std::string family_;       ///< the household both liaisons call
    std::string parent_;       ///< its contact, whose telephone number both change
    std::string worker_;       ///< the interpreter, whose number both change
    std::string need_;         ///< the request whose status both change
    std::string duplicate_;    ///< the request that one deletes and the other edits
    std::string case_;
    std::string escalation_;
    std::string alarm_;        ///< the token that is open before the network goes
    std::vector<std::string> households_;
    std::vector<OfflineWrite> writes_;
    std::uint64_t offline_json_ = 0;
    std::uint64_t offline_wire_ = 0;
    std::uint64_t roster_wire_ = 0;
};

}  // namespace trellis::demo
