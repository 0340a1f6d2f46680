// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/demo.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace trellis::demo {

Demo::Demo(DemoOptions options) : options_(std::move(options)) {}

Result<void> Demo::play() {
    std::error_code failure;
    std::filesystem::create_directories(options_.folder, failure);
    folder_ = options_.folder + "/demo-XXXXXX";
    if (::mkdtemp(folder_.data()) == nullptr) {
        return Error{Code::denied, "making a folder in " + options_.folder + ": " +
                                       std::strerror(errno)};
    }
    stage_.title("Trellis: a school district keeps in touch with its families");
    stage_.say("The whole story runs on this computer, with the programs that you would use.");
    TRELLIS_DO(start());
    TRELLIS_DO(found_district());
    TRELLIS_DO(join_devices());
    TRELLIS_DO(work_offline());
    TRELLIS_DO(go_online());
    TRELLIS_DO(search_server());
    TRELLIS_DO(lose_a_tablet());
    TRELLIS_DO(lose_a_liaison());
    TRELLIS_DO(restore_last_week());
    TRELLIS_DO(forget_a_pin());
    TRELLIS_DO(search_again());
    return finish();
}

std::vector<Device*> Demo::devices() const {
    return {centre_.get(), desk_.get(), ana_.get(), ben_.get()};
}

std::string Demo::name_of_device(const std::string& id) const {
    const auto person = people_.find(id);
    return person == people_.end() ? id.substr(0, 8) : person->second;
}

std::string Demo::id_of(std::string_view person) const {
    for (const auto& [id, name] : people_) {
        if (name == person) return id;
    }
    return {};
}

}  // namespace trellis::demo
