// SPDX-License-Identifier: Apache-2.0
// The main job through the C interface: two devices, one relay, pumped frame by frame.
#include <cstdio>

#include "tests/c/scene.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

constexpr const char* url = "ws://127.0.0.1:1/sync";

struct Town {
    FakeEnv env;
    Server server{env};
    std::string space;

    /// The first device founds, and publishes.
    void found(Device& first) {
        first.call(R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})");
        const auto made = first.call(R"({"op":"space_create","name":"School"})");
        space = quoted(made["space"]);
        server.run(first, R"({"op":"sync"})");
    }
    Json join(Device& first, Device& second) {
        const auto invite = first.call(R"({"op":"invite","role":"member","spaces":[{"space":)" +
                                       space + R"(,"rights":["read","write"]}]})");
        server.run(first, R"({"op":"sync"})");
        const std::string request = R"({"op":"join","name":"second","invite":)" +
                                    quoted(invite["invite"]) + "}";
        trellis_buffer where{};
        trellis_session_url(second.handle, bytes_of(request), &where, nullptr);
        expect(take(where) == url, "the invite says where to connect");
        auto joined = server.run(second, request);
        // A join is followed by a new key, which the first device makes.
        server.run(first, R"({"op":"sync"})");
        server.run(second, R"({"op":"sync"})");
        return joined;
    }
    std::string put(Device& device, const std::string& fields) {
        return quoted(device.call(R"({"op":"put","type":"check_in","space":)" + space +
                                  R"(,"fields":)" + fields + "}")["rec"]);
    }
};

const char* check_ins = R"({"type":"check_in"})";

void two_devices_agree() {
    Town town;
    Device first(town.env);
    Device second(town.env);
    town.found(first);
    const auto joined = town.join(first, second);
    expect(joined["done"] == Json(true) && joined["org"].string() != nullptr, "joined",
           print_json(joined));

    const auto watch = second.watch(check_ins);
    expect(second.rows(watch).array()->empty(), "nothing is there at first");
    town.put(first, R"({"method":"phone"})");
    const auto sent = town.server.run(first, R"({"op":"sync"})");
    expect(sent["complete"] == Json(true) && sent["sent"] == Json(1), "sent", print_json(sent));
    const auto got = town.server.run(second, R"({"op":"sync"})");
    expect(got["received"] == Json(1), "received", print_json(got));

    const auto event = second.next_event();
    expect(event["event"] == Json("rows") && event["watch"] == Json(watch) &&
               event["added"].array() != nullptr && event["added"].array()->size() == 1,
           "the watcher is told", print_json(event));
    expect(second.next_event().is_null(), "once");
    expect(second.rows(watch).array()->size() == 1, "and the rows hold it");
    expect(first.call(R"({"op":"digest"})")["digest"] == second.call(R"({"op":"digest"})")["digest"],
           "both show the same");
}

void one_that_stays_hears_at_once() {
    Town town;
    Device first(town.env);
    Device second(town.env);
    town.found(first);
    town.join(first, second);

    int wakes = 0;
    trellis_on_wake(second.handle, [](void* count) { ++*static_cast<int*>(count); }, &wakes,
                    nullptr);
    const auto watch = second.watch(check_ins);
    trellis_session* session = nullptr;
    expect(trellis_session_start(second.handle, bytes_of(R"({"op":"sync_start"})"), &session,
                                 nullptr) == TRELLIS_OK,
           "stays");
    trellis_session* another = nullptr;
    expect(trellis_session_start(second.handle, bytes_of(R"({"op":"sync"})"), &another, nullptr) ==
               TRELLIS_BUSY,
           "one session at a time");
    const auto id = town.server.connect();
    town.server.pump(session, id);
    expect(trellis_session_is_open(session), "it stays open");

    town.put(first, R"({"method":"phone"})");
    town.server.run(first, R"({"op":"sync"})");
    wakes = 0;
    town.server.pump(session, id);
    expect(wakes > 0, "whoever waits is woken");
    bool is_told = false;
    for (Json event = second.next_event(); !event.is_null(); event = second.next_event()) {
        is_told = is_told || event["watch"] == Json(watch);
    }
    expect(is_told, "of the new row");

    // What is written while it stays wants to be sent: frames appear, and the owner is woken.
    wakes = 0;
    town.put(second, R"({"method":"text"})");
    expect(wakes == 1, "a write wakes the pump once");
    town.server.pump(session, id);
    const auto first_got = town.server.run(first, R"({"op":"sync"})");
    expect(first_got["received"] == Json(1), "it has left", print_json(first_got));

    second.call(R"({"op":"sync_stop"})");
    expect(!trellis_session_is_open(session), "sync_stop ends it");
    std::int64_t redial = 0;
    trellis_session_redial_ms(session, &redial, nullptr);
    expect(redial > 0, "a session that stays is to be dialled again after a pause");
    trellis_session_end(session);
}

void a_sleeper_wakes_up_whole() {
    Town town;
    TableFiles files;
    const auto table = files.table();
    Device device(town.env, "phone.db", &table);
    town.found(device);
    const auto watch = device.watch(check_ins);
    const auto record = town.put(device, R"({"method":"phone"})");
    expect(files.syncs > 0, "saved means synced");
    expect(!files.open.empty(), "the file is open");
    expect(device.rows(watch).array()->size() == 1, "one row");

    trellis_session* session = nullptr;
    trellis_session_start(device.handle, bytes_of(R"({"op":"sync_start"})"), &session, nullptr);
    trellis_error error{};
    expect(trellis_suspend(device.handle, &error) == TRELLIS_OK, "suspend", error.message);
    expect(files.open.empty(), "no file stays open");
    const auto log = files.files.find("phone.db-wal");
    expect(log == files.files.end() || log->second.empty(), "the write-ahead log is empty");
    expect(!trellis_session_is_open(session), "the session is over");
    trellis_session_end(session);
    expect(device.try_call(R"({"op":"hello"})") == TRELLIS_SUSPENDED, "asleep");
    expect(trellis_suspend(device.handle, nullptr) == TRELLIS_OK, "again is fine");

    expect(trellis_resume(device.handle, &error) == TRELLIS_OK, "resume", error.message);
    expect(trellis_resume(device.handle, nullptr) == TRELLIS_OK, "again is fine");
    expect(device.call(R"({"op":"get","rec":)" + record + "}")["fields"]["method"] ==
               Json("phone"),
           "what was saved is there");
    expect(device.next_event()["connected"] == Json(false), "the session's end is told");
    expect(device.next_event().is_null(), "and nothing has changed meanwhile");
    town.put(device, R"({"method":"text"})");
    expect(device.next_event()["watch"] == Json(watch), "watches go on");

    // A whole restart on the same files.
    device.close();
    expect(files.open.empty(), "closing closes");
    device.open();
    expect(device.call(R"({"op":"list","type":"check_in"})")["rows"].array()->size() == 2,
           "both are there");
}

/// A write while connected, and the device falls asleep before the pump's next step. Its frame is
/// still given out, as trellis.h says; whether it gets through or not, the write goes once.
void what_was_written_before_sleep_goes_once(bool gets_through) {
    Town town;
    Device first(town.env);
    Device second(town.env);
    town.found(first);
    town.join(first, second);
    trellis_session* session = nullptr;
    trellis_session_start(first.handle, bytes_of(R"({"op":"sync_start"})"), &session, nullptr);
    const auto id = town.server.connect();
    town.server.pump(session, id);
    const auto record = town.put(first, R"({"method":"phone"})");
    expect(trellis_suspend(first.handle, nullptr) == TRELLIS_OK, "suspend");

    std::size_t left = 0;
    for (trellis_buffer frame{};; ++left) {
        expect(trellis_session_next_frame(session, &frame, nullptr) == TRELLIS_OK, "next frame");
        if (frame.size == 0) break;
        if (gets_through) town.server.deliver(id, {frame.data, frame.size});
        trellis_buffer_free(&frame);
    }
    expect(left > 0, "what was to be sent is still given out");
    town.server.frames(id);  // the answer finds nobody
    town.server.disconnect(id);
    trellis_session_end(session);

    expect(trellis_resume(first.handle, nullptr) == TRELLIS_OK, "resume");
    const auto sent = town.server.run(first, R"({"op":"sync"})");
    expect(sent["complete"] == Json(true), "all is stored", print_json(sent));
    // `sent` counts what this talk has sent, not what an earlier one had got through.
    expect(sent["sent"] == Json(gets_through ? 0 : 1), "sent", print_json(sent));
    const auto got = town.server.run(second, R"({"op":"sync"})");
    expect(got["received"] == Json(1), "once", print_json(got));
    expect(second.call(R"({"op":"get","rec":)" + record + "}")["fields"]["method"] ==
               Json("phone"),
           "the other has it");
}

void a_full_disk_loses_nothing() {
    Town town;
    TableFiles files;
    const auto table = files.table();
    Device device(town.env, "phone.db", &table);
    town.found(device);
    town.put(device, R"({"method":"phone"})");
    files.fails = TRELLIS_NO_SPACE;
    const std::string request = R"({"op":"put","type":"check_in","fields":{"method":"text"},"space":)" +
                                town.space + "}";
    expect(device.try_call(request) == TRELLIS_NO_SPACE, "a full disk is said so");
    files.fails = TRELLIS_OK;
    expect(device.try_call(request) == TRELLIS_OK, "then there is space again");
    expect(device.call(R"({"op":"list","type":"check_in"})")["rows"].array()->size() == 2,
           "what was acknowledged is there, and nothing else");
    expect(device.call(R"({"op":"check"})")["problems"].array()->empty(), "all is well");
}

void bundles_and_backups_lie_in_the_storage() {
    Town town;
    TableFiles files;
    const auto table = files.table();
    Device device(town.env, "phone.db", &table);
    town.found(device);
    town.put(device, R"({"method":"phone"})");
    device.call(R"({"op":"seal"})");
    device.call(R"({"op":"bundle","path":"out.bundle","space":)" + town.space + "}");
    expect(files.files.count("out.bundle") == 1, "the bundle is among the platform's files");
    device.call(R"({"op":"apply","path":"out.bundle"})");
    device.call(R"({"op":"backup","path":"copy.db"})");
    town.put(device, R"({"method":"text"})");
    device.call(R"({"op":"restore","path":"copy.db"})");
    expect(device.call(R"({"op":"list","type":"check_in"})")["rows"].array()->size() == 1,
           "as it was at the copy");
}

void sheets_bring_an_organisation_back() {
    Town town;
    Device first(town.env);
    const auto founded =
        first.call(R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})");
    first.call(R"({"op":"space_create","name":"School"})");
    town.server.run(first, R"({"op":"sync"})");
    Device second(town.env);
    const auto recovered = town.server.run(
        second, R"({"op":"recover","name":"new","url":"ws://127.0.0.1:1/sync","sheets":)" +
                    print_json(founded["recovery"]) + "}");
    expect(recovered["org"] == founded["org"] && recovered["recovery"].array() != nullptr,
           "recovered", print_json(recovered));
}

}  // namespace

int main() {
    two_devices_agree();
    one_that_stays_hears_at_once();
    a_sleeper_wakes_up_whole();
    what_was_written_before_sleep_goes_once(true);
    what_was_written_before_sleep_goes_once(false);
    a_full_disk_loses_nothing();
    bundles_and_backups_lie_in_the_storage();
    sheets_bring_an_organisation_back();
    std::puts("all is well");
    return 0;
}
