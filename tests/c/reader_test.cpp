// SPDX-License-Identifier: Apache-2.0
// The C program of docs/embedding.md, as it stands there, on a platform whose sockets end in a
// relay of this process: it joins, stays in sync, and prints the list when somebody else writes.
#include <ctime>
#include <deque>

#include "tests/c/reader/websocket.h"
#include "tests/c/scene.hpp"

using namespace trellis;
using namespace trellis::test;

extern "C" int reader_main(int count, char** arguments);

namespace {

constexpr const char* url = "ws://127.0.0.1:1/sync";

/// The rest of the town: a relay, and an administrator's device.
struct Town {
    Town() {
        // The reader's program has the system's clock, and an invite an end.
        env.set_wall_time(Time{std::time(nullptr)} * 1000);
    }

    FakeEnv env;
    Server server{env};
    Device admin{env};
    std::string space;
    bool has_written = false;

    void sync() { server.run(admin, R"({"op":"sync"})"); }
    void write() {
        admin.call(R"({"op":"put","type":"check_in","space":)" + space +
                   R"(,"fields":{"method":"phone"}})");
        sync();
        has_written = true;
    }
};

Town* town = nullptr;

}  // namespace

struct ws {
    sync::SessionId id;
    std::deque<Bytes> inbox;
    Bytes message;
    int silences;
};

ws* ws_open(const char* address, size_t size) {
    expect(std::string(address, size) == url, "the reader connects where it is told to");
    return new ws{town->server.connect(), {}, {}, 0};
}

void ws_send(ws* socket, const uint8_t* data, size_t size) {
    town->server.deliver(socket->id, {data, size});
}

int ws_receive(ws* socket, int64_t, const uint8_t** data, size_t* size) {
    for (auto& frame : town->server.frames(socket->id)) socket->inbox.push_back(std::move(frame));
    if (socket->inbox.empty()) {
        // Nobody says anything any more: the administrator syncs, then writes, then we hang up.
        ++socket->silences;
        town->sync();
        if (socket->silences == 3 && !town->has_written) town->write();
        return socket->silences > 6 ? -1 : 0;
    }
    socket->message = std::move(socket->inbox.front());
    socket->inbox.pop_front();
    *data = socket->message.data();
    *size = socket->message.size();
    return 1;
}

void ws_close(ws* socket) {
    town->server.disconnect(socket->id);
    delete socket;
}

int main() {
    Town here;
    town = &here;
    here.admin.call(R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})");
    here.space = quoted(here.admin.call(R"({"op":"space_create","name":"School"})")["space"]);
    const auto invite = here.admin.call(R"({"op":"invite","role":"member","spaces":[{"space":)" +
                                        here.space + R"(,"rights":["read"]}]})");
    here.sync();
    std::string name = "reader";
    std::string code = *invite["invite"].string();
    char* arguments[] = {name.data(), code.data(), nullptr};
    const int status = reader_main(2, arguments);
    expect(status == 0, "the reader's program ends well");
    expect(here.has_written, "it stayed until somebody wrote");
    return 0;
}
