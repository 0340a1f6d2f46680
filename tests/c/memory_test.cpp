// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the n-th allocation of a call, for many n. The call says so and closes
// its replica, or the program ends: never is anything lost that was acknowledged, and a program
// that lives opens the replica again and goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>

#include "tests/c/scene.hpp"

namespace {

std::uint64_t until_failure = 0;  // 0: never

}  // namespace

void* operator new(std::size_t size) {
    const bool fails = until_failure > 0 && --until_failure == 0;
    void* const memory = fails ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace {

using namespace trellis;
using namespace trellis::test;

/// How a child ends; 1 is a test that failed.
constexpr int nothing_failed = 10;
constexpr int call_told = 11;

struct Place {
    std::string folder = "/tmp/trellis-memory-XXXXXX";
    std::string database;
    std::string space;

    Place() {
        expect(::mkdtemp(folder.data()) != nullptr, "a folder");
        database = folder + "/device.db";
        FakeEnv env(1);
        Device device(env, database.c_str());
        device.call(R"({"op":"org_create","name":"D","url":"ws://127.0.0.1:1/sync"})");
        space = quoted(device.call(R"({"op":"space_create","name":"School"})")["space"]);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { std::filesystem::remove_all(folder); }

    [[nodiscard]] std::string put() const {
        return R"({"op":"put","space":)" + space +
               R"(,"type":"household","fields":{"display_name":"Ruiz"}})";
    }
};

void expect_whole(Device& device) {
    expect(device.call(R"({"op":"check"})")["problems"].array()->empty(), "no problems");
}

/// One call, in which an allocation fails, and what comes after it. Says of every change that it
/// is saved.
int live(const Place& place, std::uint64_t at, int out) {
    FakeEnv env(at);
    const auto say_saved = [out] { expect(::write(out, "s", 1) == 1, "a word"); };
    Device device(env, place.database.c_str());
    until_failure = at;
    const auto status = device.try_call(place.put());
    const bool failed = until_failure == 0;
    until_failure = 0;
    if (status == TRELLIS_OK) say_saved();
    if (!failed) return nothing_failed;
    if (status != TRELLIS_OK) {
        expect(status == TRELLIS_INTERNAL, "it says that there is no memory");
        expect(device.try_call(place.put()) == TRELLIS_CLOSED, "the replica is closed");
    }
    device.close();
    device.open();
    expect_whole(device);
    device.call(place.put());
    say_saved();
    return call_told;
}

std::size_t count_saved(int in) {
    std::size_t count = 0;
    for (char byte = 0; ::read(in, &byte, 1) == 1;) ++count;
    return count;
}

std::size_t count_records(const Place& place) {
    FakeEnv env(0);
    Device device(env, place.database.c_str());
    expect_whole(device);
    return device.call(R"({"op":"list","type":"household"})")["rows"].array()->size();
}

}  // namespace

int main() {
    const Place place;
    std::size_t told = 0;
    std::size_t ended = 0;
    std::size_t before = 0;
    for (std::uint64_t at = 1;; ++at) {
        int pipe[2];
        expect(::pipe(pipe) == 0, "a pipe");
        const auto child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            std::_Exit(live(place, at, pipe[1]));
        }
        ::close(pipe[1]);
        const auto saved = count_saved(pipe[0]);
        ::close(pipe[0]);
        int status = 0;
        expect(::waitpid(child, &status, 0) == child, "the child");
        const bool is_aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        expect(is_aborted || code == nothing_failed || code == call_told, "it ends well",
               std::to_string(at));
        const auto records = count_records(place);
        // The one that failed may be there, whole.
        expect(records >= before + saved && records <= before + saved + 1, "nothing is lost",
               std::to_string(at));
        before = records;
        if (is_aborted) ++ended;
        if (code == call_told) ++told;
        if (code == nothing_failed) break;
    }
    expect(told > 0, "some calls told of it");
    std::printf("memory ran out in %zu calls that told of it, %zu that ended the program\n", told,
                ended);
    return 0;
}
