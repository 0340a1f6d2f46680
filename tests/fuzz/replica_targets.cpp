// SPDX-License-Identifier: Apache-2.0
// Whole requests of scripts, and whole bundles, against a replica on a disk in memory.
#include "clients/verbs/verbs.hpp"
#include "tests/fuzz/office.hpp"
#include "tests/fuzz/targets.hpp"

namespace trellis::test {
namespace {

using namespace core;

/// A platform of memory: files that are a map, and no network.
class PaperHost final : public clients::Host {
public:
    explicit PaperHost(Desk& desk) : desk_(desk) { files_["bundle"] = Office::get().bundle(); }

    Result<Bytes> read_file(const std::string& path) override {
        const auto found = files_.find(path);
        if (found == files_.end()) return Error{Code::not_found, "there is no such file"};
        return found->second;
    }
    Result<void> write_file(const std::string& path, ByteView bytes) override {
        if (files_.size() < 8) files_[path] = to_bytes(bytes);
        return {};
    }
    Result<std::unique_ptr<Replica>> open_replica() override {
        TRELLIS_DO(desk_.open());
        return desk_.take_replica();
    }
    Result<void> replace_database(const std::string& /*path*/) override { return no_network; }
    Result<void> erase_database() override { return no_network; }
    Result<sync::SessionProgress> sync_once(Replica& /*replica*/, std::int64_t /*ms*/) override {
        return no_network;
    }
    Result<void> start_live(Replica& /*replica*/) override { return no_network; }
    void stop_live() override {}
    Result<Joined> join(const crypto::Invite& /*invite*/, MakeEntry /*make*/) override {
        return no_network;
    }
    Result<Joined> recover(const OrgId& /*org*/, const std::string& /*url*/,
                           crypto::SignSecret /*root*/, MakeEntries /*make*/) override {
        return no_network;
    }
    void outbox_changed() override {}
    Env& env() override { return desk_.env; }
    void shift_clock(std::int64_t offset_ms) override { shift_ = offset_ms; }

private:
    Desk& desk_;
    std::map<std::string, Bytes> files_;
    std::int64_t shift_ = 0;
    const Error no_network{Code::offline, "a host of paper has no network"};
};

/// One request in each line, as `trellis repl` reads them. Every one gets one reply, and what
/// is written stays whole.
void verbs(ByteView bytes) {
    Desk desk(Office::get().centre());
    PaperHost host(desk);
    auto opened = host.open_replica();
    TRELLIS_CHECK(opened.has_value());
    clients::Verbs verbs(host, std::move(*opened));
    auto text = as_text(bytes);
    for (int lines = 0; !text.empty() && lines < 8; ++lines) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto reply = verbs.call_text(text.substr(0, end));
        TRELLIS_CHECK(reply.has("ok"));
        const auto printed = print_json(reply);
        const auto again = parse_json(printed);
        TRELLIS_CHECK(again.has_value() && print_json(*again) == printed);
        while (verbs.next_event()) continue;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto problems = verbs.replica().check();
    TRELLIS_CHECK(problems.has_value() && problems->empty());
}

std::string with_names(std::string text) {
    const auto put = [&](const std::string& mark, const std::string& name) {
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
            text.replace(at, mark.size(), name);
        }
    };
    const auto& office = Office::get();
    put("$space", office.space().hex());
    put("$one", office.records()[0]);
    put("$other", office.records()[1]);
    put("$third", office.records()[2]);
    return text;
}

/// Every verb as docs/scripting.md shows it.
std::vector<Bytes> verbs_seeds() {
    static constexpr const char* requests[] = {
        R"({"op":"hello"})" "\n" R"({"op":"spaces"})" "\n" R"({"op":"members"})",
        R"({"op":"put","space":"$space","type":"thing","fields":{"name":"Å","risk":"high",)"
        R"("born":"2020-02-29","agreed":true,"when":1780000000000,"share":1.5e-3}})",
        R"({"op":"put","space":"$space","type":"thing","key":"k","fields":{"tags":["x","y"]}})"
        "\n" R"({"op":"set","rec":"$one","fields":{"name":null,"phone":"2","friend":"$other"}})",
        R"({"op":"add","rec":"$one","field":"tags","values":["c"]})" "\n"
        R"({"op":"remove","rec":"$one","field":"tags","values":["a","z"]})",
        R"({"op":"inc","rec":"$one","field":"minutes","by":-7})" "\n"
        R"({"op":"append","rec":"$one","field":"visits","fields":{"text":"t","day":"2026-01-01"}})",
        R"({"op":"raise","rec":"$one","field":"alarm","level":"raised","id":7})" "\n"
        R"({"op":"advance","rec":"$one","field":"alarm","token":"00:1","level":1})" "\n"
        R"({"op":"close","rec":"$one","field":"alarm","tokens":["00:1"],"reason":"over"})",
        R"({"op":"resolve","rec":"$one","field":"phone","value":"3"})" "\n"
        R"({"op":"delete","rec":"$other","reason":"twice"})" "\n"
        R"({"op":"restore","rec":"$other"})",
        R"({"op":"link","a":"$one","b":"$other"})" "\n" R"({"op":"unlink","a":"$one","b":"$other"})",
        R"({"op":"batch","ops":[{"op":"put","as":"p","space":"$space","type":"other","fields":{}},)"
        R"({"op":"set","rec":"$p","fields":{"name":"n"}}]})",
        R"({"op":"get","rec":"$one"})" "\n" R"({"op":"history","rec":"$one"})",
        R"({"op":"list","type":"thing","where":{"most":{"ge":3},"name":"Ruiz"},"search":"ruiz a*",)"
        R"("order":"-name","limit":5,"after":"$one"})",
        R"({"op":"query","sql":"SELECT name, count(*) FROM thing WHERE most>?1 GROUP BY 1",)"
        R"("params":[1]})",
        R"({"op":"watch","type":"thing"})" "\n"
        R"({"op":"set","rec":"$one","fields":{"name":"w"}})" "\n" R"({"op":"unwatch","watch":1})",
        R"({"op":"conflicts"})" "\n" R"({"op":"reviews"})" "\n" R"({"op":"quarantine"})" "\n"
        R"({"op":"alarms"})" "\n" R"({"op":"acks"})" "\n" R"({"op":"stats"})",
        R"({"op":"version","space":"$space"})" "\n"
        R"({"op":"bundle","space":"$space","have":{},"path":"b"})" "\n"
        R"({"op":"apply","path":"bundle"})",
        R"({"op":"export","space":"$space"})" "\n" R"({"op":"digest"})" "\n" R"({"op":"check"})",
        R"({"op":"invite","grants":[{"space":"$space","rights":["read","write"]}],"hours":1})" "\n"
        R"({"op":"space_create","name":"n","class":"compartment"})",
        R"({"op":"rotate","space":"$space"})" "\n" R"({"op":"policy","admins":2})" "\n"
        R"({"op":"revoke","device":"00","draft":true})" "\n" R"({"op":"cosign","draft":"AAAA"})",
        R"({"op":"clock","offset_ms":-1})" "\n" R"({"op":"seal"})" "\n" R"({"op":"text"})" "\n"
        R"({"op":"quit"})",
    };
    std::vector<Bytes> seeds;
    for (const auto* request : requests) seeds.push_back(to_bytes(as_bytes(with_names(request))));
    return seeds;
}

/// The tablet takes a bundle in, knowing nothing of the centre's work or all of it.
void bundle(ByteView bytes) {
    Desk desk(Office::get().tablet());
    TRELLIS_CHECK(desk.open().has_value());
    static_cast<void>(desk.replica().apply_bundle(bytes));
    const auto problems = desk.replica().check();
    TRELLIS_CHECK(problems.has_value() && problems->empty());
}
std::vector<Bytes> bundle_seeds() { return {Office::get().bundle()}; }

}  // namespace

std::vector<FuzzTarget> replica_targets() {
    return {{"verbs", &verbs, &verbs_seeds, false, true},
            {"bundle", &bundle, &bundle_seeds, false, true}};
}

}  // namespace trellis::test
