// SPDX-License-Identifier: Apache-2.0
// The way back from printed sheets, and the sheets until they are printed.
#include <utility>

#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "crypto/secret/recovery.hpp"

namespace trellis::clients {
namespace {

Result<std::vector<std::string>> sheets_of(const Json& request) {
    TRELLIS_TRY(const auto list, list_of(request, "sheets"));
    std::vector<std::string> sheets;
    for (const auto& each : list) {
        if (each.string() == nullptr) return Error{Code::invalid, "a sheet is text"};
        sheets.push_back(*each.string());
    }
    return sheets;
}

Json to_json(const std::vector<std::string>& sheets) {
    Json list{Json::Array{}};
    for (const auto& sheet : sheets) list.push(sheet);
    return list;
}

}  // namespace

Result<Verbs::Recovering> Verbs::begin_recover(const Json& request) {
    TRELLIS_TRY(const auto sheets, sheets_of(request));
    TRELLIS_TRY(auto name, text_of(request, "name"));
    TRELLIS_TRY(auto url, text_of(request, "url"));
    if (replica_->has_org()) {
        return Error{Code::conflict, "this device belongs to an organisation already: recover on "
                                     "a fresh one; sheets that were made here are in "
                                     "`recovery_sheets`"};
    }
    TRELLIS_TRY(const auto seed, crypto::combine_sheets(sheets));
    TRELLIS_TRY(auto key, replica_->joining_key());
    // An earlier attempt may have arrived although its answer did not: the sheets that were
    // brought are dead then, and those it made are the organisation's.
    TRELLIS_TRY(auto begun, replica_->begun_recovery(seed.org));
    const bool is_begun = !std::exchange(is_begun_denied_, false) && begun.has_value();
    return Recovering{seed.org,        is_begun ? std::move(*begun) : crypto::root_keys(seed.seed),
                      std::move(key),  std::move(name),
                      std::move(url),  is_begun};
}

Result<std::vector<Bytes>> Verbs::recover_entries(const Recovering& recovering,
                                                  const std::vector<Bytes>& entries) {
    return replica_->recover_entries(recovering.root, recovering.key, recovering.name, entries);
}

Result<Json> Verbs::end_recover(Recovering recovering, const Host::Joined& joined) {
    if (replica_->has_org()) {
        return Error{Code::conflict, "this device belongs to an organisation already"};
    }
    TRELLIS_DO(replica_->recovered(std::move(recovering.key), recovering.url, joined.entries));
    TRELLIS_DO(replica_->pin_relay_key(joined.relay_key));
    TRELLIS_TRY(const auto fresh, replica_->recovery_sheets());
    Json reply;
    reply.set("org", replica_->org().hex());
    reply.set("device", replica_->device().hex());
    reply.set("recovery", to_json(fresh));
    return reply;
}

Result<Json> Verbs::recover(const Json& request) {
    for (;;) {
        TRELLIS_TRY(auto recovering, begin_recover(request));
        const auto make_entries = [&](const std::vector<Bytes>& entries) {
            return recover_entries(recovering, entries);
        };
        const auto joined = host_.recover(recovering.org, recovering.url,
                                          recovering.root.sign.clone(), make_entries);
        if (joined) return end_recover(std::move(recovering), *joined);
        if (!recovering.is_begun || joined.error().code != Code::denied) return joined.error();
        begun_was_denied();
    }
}

Result<Json> Verbs::recovery_sheets(const Json& /*unused*/) {
    TRELLIS_TRY(const auto sheets, replica_->recovery_sheets());
    Json reply;
    reply.set("recovery", to_json(sheets));
    return reply;
}

Result<Json> Verbs::recovery_kept(const Json& /*unused*/) {
    TRELLIS_DO(replica_->recovery_kept());
    return Json{Json::Object{}};
}

}  // namespace trellis::clients
